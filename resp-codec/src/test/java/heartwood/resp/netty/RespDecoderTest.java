package heartwood.resp.netty;

import static heartwood.resp.netty.Decoded.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.resp.Bytes;
import heartwood.resp.ProtocolException;
import heartwood.resp.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespDecoderTest {
  @Test
  void readsPipelinedRequestsOneByOne() {
    Decoded decoded = Decoded.whole("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n");

    assertThat(decoded.requests()).containsExactly(request("GET", "k"), request("PING"));
    assertThat(decoded.bytesLeft()).isZero();
  }

  @Test
  void leavesAnUnfinishedRequestInTheBuffer() {
    Decoded decoded = Decoded.whole("PING\r\n*2\r\n$3\r\nGET\r\n$1");

    assertThat(decoded.requests()).containsExactly(request("PING"));
    assertThat(decoded.bytesLeft()).isEqualTo("*2\r\n$3\r\nGET\r\n$1".length());
  }

  @Test
  void skipsEmptyLinesAndEmptyArrays() {
    Decoded decoded = Decoded.whole("\r\n\n  \r\n*0\r\n*-1\r\n*-9223372036854775808\r\nPING\r\n");

    assertThat(decoded.requests()).containsExactly(request("PING"));
  }

  @Test
  void doesNotLookAtTheBytesBehindCarriageReturnAndArgument() { // as Redis
    Decoded decoded = Decoded.whole("*1\rX$4\rYPINGab*1\r\n$4\r\nPING\r\n");

    assertThat(decoded.requests()).containsExactly(request("PING"), request("PING"));
  }

  @ParameterizedTest
  @MethodSource("heartwood.resp.netty.Corpus#streams")
  void everySplitIntoTwoGivesTheSame(Bytes stream) {
    byte[] bytes = stream.toArray();
    Decoded whole = Decoded.whole(bytes);

    for (int cut = 0; cut <= bytes.length; cut += bytes.length > 5_000 ? 997 : 1) {
      assertThat(Decoded.inPieces(bytes, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @MethodSource("heartwood.resp.netty.Corpus#streams")
  void byteByByteGivesTheSame(Bytes stream) {
    byte[] bytes = stream.toArray();

    Decoded decoded = Decoded.inPieces(bytes, IntStream.range(0, bytes.length).toArray());

    assertThat(decoded).isEqualTo(Decoded.whole(bytes));
  }

  @ParameterizedTest
  @MethodSource("heartwood.resp.netty.Corpus#streams")
  void randomSplitsGiveTheSame(Bytes stream) {
    byte[] bytes = stream.toArray();
    SplittableRandom random = new SplittableRandom(bytes.length);

    for (int i = 0; i < 20; i++) {
      int[] cuts = random.ints(random.nextInt(1, 20), 0, bytes.length + 1).sorted().toArray();
      assertThat(Decoded.inPieces(bytes, cuts))
          .as("cuts %s", Arrays.toString(cuts))
          .isEqualTo(Decoded.whole(bytes));
    }
  }

  @ParameterizedTest
  @MethodSource("heartwood.resp.netty.Corpus#requests")
  void readsWhatTheEncoderWrites(List<Bytes> arguments) {
    ByteBuf stream = Unpooled.buffer();
    RequestEncoder.encode(stream, arguments.stream().map(Bytes::toArray).toList());

    assertThat(Decoded.whole(bytesOf(stream)).requests()).containsExactly(arguments);
  }

  @Test
  void theViewReadsFromDirectAndHeapBuffersAlike() {
    for (ByteBuf in :
        new ByteBuf[] {
          PooledByteBufAllocator.DEFAULT.directBuffer(), PooledByteBufAllocator.DEFAULT.heapBuffer()
        }) {
      in.writeBytes(Decoded.latin1("junk")).skipBytes(4);
      RequestEncoder.encode(in, "SET", "key", "value");
      RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);

      assertThat(decoder.decode(in)).isTrue();
      Request request = decoder.request();
      assertThat(Decoded.arguments(request)).isEqualTo(request("SET", "key", "value"));
      assertThat(request.byteAt(1, 2)).isEqualTo((byte) 'y');
      in.release();
    }
  }

  @Test
  void theViewShowsNothingOutsideItsArguments() {
    ByteBuf in = Unpooled.buffer();
    RequestEncoder.encode(in, "GET", "key");
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);
    decoder.decode(in);
    Request request = decoder.request();

    assertThatThrownBy(() -> request.byteAt(1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> request.length(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> request.copyTo(2, new byte[9], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void tellsHowManyBytesAreMissing() {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);
    ByteBuf in = Unpooled.buffer();

    in.writeBytes(Decoded.latin1("*1\r\n"));
    assertThat(decoder.decode(in)).isFalse();
    assertThat(decoder.bytesWanted()).isEqualTo(1);

    in.writeBytes(Decoded.latin1("$1000000\r\nabc"));
    assertThat(decoder.decode(in)).isFalse();
    assertThat(decoder.bytesWanted()).isEqualTo(1_000_000 + 2 - 3);
  }

  @Test
  void aLongArgumentInManyPiecesIsNeverScanned() {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);
    int length = 100 << 20;
    ByteBuf in = new UnreadableBuffer(Decoded.latin1("*1\r\n$" + length + "\r\n"), length + 2);

    while (!decoder.decode(in)) {
      in.writerIndex(in.writerIndex() + Math.min(1000, in.writableBytes()));
    }

    assertThat(decoder.request().length(0)).isEqualTo(length);
  }

  @Test
  void aLineInManyPiecesIsScannedOnce() {
    CountingBuffer in = new CountingBuffer();
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);

    for (int i = 0; i < 60_000; i++) {
      in.writeByte('x');
      assertThat(decoder.decode(in)).isFalse();
    }

    assertThat(in.bytesSearched).isEqualTo(60_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*99999\r\n$99999\r\nx", "*1048576\r\n$536870912\r\nx"})
  void nothingIsAllocatedForWhatIsOnlyAnnounced(String stream) {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);
    ByteBuf in = Unpooled.copiedBuffer(Decoded.latin1(stream));

    long allocated = Allocation.bytesOf(() -> decoder.decode(in));

    assertThat(allocated).isLessThan(50_000);
  }

  @Test
  void theNarrowLimitsHoldUntilTheClientIsAuthenticated() {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, false);
    ByteBuf auth = Unpooled.copiedBuffer(Decoded.latin1("*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n"));
    ByteBuf eleven = Unpooled.copiedBuffer(Decoded.latin1("*11\r\n"));

    assertThat(decoder.decode(auth)).isTrue();
    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> decoder.decode(eleven));
    decoder.authenticated(true);

    assertThat(decoder.decode(eleven)).isFalse();
  }

  @Test
  void theBulkLimitChangesAtRunTime() {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT.withMaxBulkBytes(5), true);
    ByteBuf in = Unpooled.copiedBuffer(Decoded.latin1("*1\r\n$6\r\nabcdef\r\n"));

    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> decoder.decode(in));
    decoder.limits(FrameLimits.DEFAULT.withMaxBulkBytes(1L << 40));

    assertThat(decoder.decode(in)).isTrue();
  }

  private static byte[] bytesOf(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }
}
