package heartwood.resp.netty;

import static heartwood.resp.netty.Decoded.latin1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.resp.Bytes;
import heartwood.resp.ProtocolException;
import heartwood.resp.Reply;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyDecoderTest {
  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of("+OK", new Reply.SimpleString("OK")),
        Arguments.of("-ERR no", new Reply.SimpleError("ERR no")),
        Arguments.of(":-7", new Reply.IntegerReply(-7)),
        Arguments.of(":9223372036854775807", new Reply.IntegerReply(Long.MAX_VALUE)),
        Arguments.of(":-9223372036854775808", new Reply.IntegerReply(Long.MIN_VALUE)),
        Arguments.of("$2\r\nhi", Reply.BulkString.utf8("hi")),
        Arguments.of("$0\r\n", Reply.BulkString.utf8("")),
        Arguments.of("$-1", Reply.Null.BULK),
        Arguments.of("*-1", Reply.Null.ARRAY),
        Arguments.of("_", Reply.Null.PLAIN),
        Arguments.of(",1.5", new Reply.DoubleReply(1.5)),
        Arguments.of(",10", new Reply.DoubleReply(10)),
        Arguments.of(",-1e-7", new Reply.DoubleReply(-1e-7)),
        Arguments.of(",inf", new Reply.DoubleReply(Double.POSITIVE_INFINITY)),
        Arguments.of(",-inf", new Reply.DoubleReply(Double.NEGATIVE_INFINITY)),
        Arguments.of(",-nan", new Reply.DoubleReply(Double.NaN)),
        Arguments.of("#t", new Reply.BooleanReply(true)),
        Arguments.of("#f", new Reply.BooleanReply(false)),
        Arguments.of("(-12345678901234567890", new Reply.BigNumber("-12345678901234567890")),
        Arguments.of("!5\r\nERR x", new Reply.BulkError(Bytes.utf8("ERR x"))),
        Arguments.of("=7\r\ntxt:abc", new Reply.VerbatimString("txt", Bytes.utf8("abc"))));
  }

  @ParameterizedTest
  @MethodSource("values")
  void readsEachTypeOfBothVersions(String stream, Reply reply) {
    assertThat(decode(stream + "\r\n")).containsExactly(reply);
  }

  @Test
  void readsAggregatesWithinAggregates() {
    Reply one = new Reply.IntegerReply(1);

    assertThat(decode("*2\r\n%1\r\n:1\r\n~1\r\n:1\r\n>0\r\n"))
        .containsExactly(
            new Reply.Array(
                List.of(
                    new Reply.MapReply(
                        List.of(new Reply.Entry(one, new Reply.SetReply(List.of(one))))),
                    new Reply.Push(List.of()))));
  }

  @Test
  void anAttributeBelongsToTheReplyBehindIt() {
    Reply one = new Reply.IntegerReply(1);

    assertThat(decode("*1\r\n|1\r\n+ttl\r\n:1\r\n$1\r\nv\r\n|0\r\n:1\r\n"))
        .containsExactly(
            new Reply.Array(
                List.of(
                    new Reply.Attributed(
                        List.of(new Reply.Entry(new Reply.SimpleString("ttl"), one)),
                        Reply.BulkString.utf8("v")))),
            new Reply.Attributed(List.of(), one));
  }

  @Test
  void randomRepliesComeBackAsTheyWereWritten() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 2_000; i++) {
      Reply reply = RandomReplies.resp3(random, 5);
      byte[] stream = encode(reply, RespVersion.RESP3);
      int[] cuts = random.ints(random.nextInt(8), 0, stream.length + 1).sorted().toArray();

      assertThat(inPieces(new ReplyDecoder(), stream, cuts)).containsExactly(reply);
    }
  }

  @Test
  void randomRepliesOfTheFirstVersionComeBackAsTheyWereWritten() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 2_000; i++) {
      Reply reply = RandomReplies.resp2(random, 5);

      assertThat(decode(encode(reply, RespVersion.RESP2))).containsExactly(reply);
    }
  }

  @Test
  void everySplitGivesTheSame() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 200; i++) {
      Reply reply = RandomReplies.resp3(random, 4);
      byte[] stream = encode(reply, RespVersion.RESP3);
      if (stream.length < 1_000) {
        int[] everywhere = IntStream.range(0, stream.length).toArray();
        assertThat(inPieces(new ReplyDecoder(), stream, everywhere)).containsExactly(reply);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\n",
        "\r\n",
        ":\r\n",
        ":1x\r\n",
        ":9223372036854775808\r\n",
        "$-2\r\n",
        "$2\r\nabcd",
        "!-1\r\n",
        "=3\r\nabc\r\n",
        "=5\r\nabcde\r\n",
        "%-1\r\n",
        "~-1\r\n",
        "*-2\r\n",
        "*2147483648\r\n",
        "*?\r\n",
        "$?\r\n",
        ",\r\n",
        ",1d\r\n",
        ",0x1\r\n",
        ", 1\r\n",
        "#x\r\n",
        "_x\r\n",
        "(\r\n",
        "(1.5\r\n",
        "+a\rb\r\n"
      })
  void refusesWhatIsNoReply(String stream) {
    assertThatThrownBy(() -> decode(stream))
        .isInstanceOf(ProtocolException.class)
        .hasMessageStartingWith("Protocol error: ");
  }

  @Test
  void nothingIsAllocatedForWhatIsOnlyAnnounced() {
    ReplyDecoder decoder = new ReplyDecoder();
    ByteBuf in = Unpooled.copiedBuffer(latin1("*2147483647\r\n%2147483647\r\n$1000000000\r\nx"));

    long allocated = Allocation.bytesOf(() -> decoder.decode(in));

    assertThat(allocated).isLessThan(100_000);
  }

  @Test
  void refusesRepliesThatAreTooDeep() {
    String three = "*1\r\n".repeat(3) + ":1\r\n";

    assertThat(inPieces(new ReplyDecoder(3, 1000), latin1(three))).hasSize(1);
    assertThatThrownBy(() -> inPieces(new ReplyDecoder(2, 1000), latin1(three)))
        .hasMessage("Protocol error: depth: 3 (expected: <= 2)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"$94\r\n", "*30\r\n:1\r\n:1\r\n$83\r\n", "+"})
  void refusesRepliesThatAreTooLong(String head) {
    byte[] stream = latin1(head + "x".repeat(101));

    assertThatThrownBy(() -> inPieces(new ReplyDecoder(8, 100), stream))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("(expected: <= 100)");
  }

  @Test
  void theSizeOfOneReplyIsNotCountedForTheNext() {
    assertThat(inPieces(new ReplyDecoder(8, 100), latin1(":1\r\n".repeat(100)))).hasSize(100);
  }

  static List<Reply> inPieces(ReplyDecoder decoder, byte[] stream, int... cuts) {
    ByteBuf cumulation = Unpooled.buffer();
    List<Reply> replies = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : stream.length;
      cumulation.writeBytes(stream, from, to - from);
      from = to;
      Reply reply;
      while ((reply = decoder.decode(cumulation)) != null) {
        replies.add(reply);
      }
      cumulation.discardReadBytes();
    }
    return replies;
  }

  private static List<Reply> decode(String stream) {
    return decode(latin1(stream));
  }

  private static List<Reply> decode(byte[] stream) {
    return inPieces(new ReplyDecoder(), stream);
  }

  private static byte[] encode(Reply reply, RespVersion version) {
    ByteBuf out = Unpooled.buffer();
    new ReplyWriter(out, version).write(reply);
    return ByteBufUtil.getBytes(out);
  }
}
