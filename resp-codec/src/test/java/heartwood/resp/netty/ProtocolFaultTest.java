package heartwood.resp.netty;

import static heartwood.resp.netty.Decoded.latin1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import heartwood.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every text with which a connection ends; {@link RealRedisTest} compares them with Redis' own. */
class ProtocolFaultTest {
  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("*abc\r\n", "invalid multibulk length"),
        Arguments.of("*1048577\r\n", "invalid multibulk length"),
        Arguments.of("*1\r\n$abc\r\n", "invalid bulk length"),
        Arguments.of("*1\r\n$-1\r\n", "invalid bulk length"),
        Arguments.of("*1\r\n$536870913\r\n", "invalid bulk length"),
        Arguments.of("x".repeat(65_537), "too big inline request"),
        Arguments.of("x".repeat(65_537) + "\r\n", "too big inline request"),
        Arguments.of("*" + "1".repeat(65_536), "too big mbulk count string"),
        Arguments.of("*1\r\n$" + "1".repeat(65_536), "too big bulk count string"),
        Arguments.of("PING \"a\r\n", "unbalanced quotes in request"),
        Arguments.of("*1\r\nx\r\n", "expected '$', got 'x'"));
  }

  static Stream<Arguments> faultsBeforeAuthentication() {
    return Stream.of(
        Arguments.of("*11\r\n", "unauthenticated multibulk length"),
        Arguments.of("*1\r\n$16385\r\n", "unauthenticated bulk length"),
        Arguments.of("*1048577\r\n", "invalid multibulk length"),
        Arguments.of("*1\r\n$536870913\r\n", "invalid bulk length"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultHasRedisOwnText(String stream, String text) {
    assertThat(Decoded.whole(stream).fault()).isEqualTo("Protocol error: " + text);
  }

  @ParameterizedTest
  @MethodSource("faultsBeforeAuthentication")
  void aFaultBeforeAuthenticationHasRedisOwnText(String stream, String text) {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, false);

    Decoded decoded = Decoded.inPieces(decoder, latin1(stream));

    assertThat(decoded.fault()).isEqualTo("Protocol error: " + text);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsMetAgainByAFurtherCall(String stream, String text) {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);
    ByteBuf in = Unpooled.copiedBuffer(latin1(stream));

    ProtocolException first =
        catchThrowableOfType(ProtocolException.class, () -> decoder.decode(in));
    ProtocolException second =
        catchThrowableOfType(ProtocolException.class, () -> decoder.decode(in));

    assertThat(second).hasMessage(first.getMessage());
    assertThat(in.readerIndex()).isZero();
  }

  @Test
  void theLargestPermittedHeadersAreNoFault() {
    assertThat(Decoded.whole("*1048576\r\n$536870912\r\n").fault()).isNull();
    assertThat(Decoded.whole("x".repeat(65_536)).fault()).isNull();
    assertThat(Decoded.whole("*" + "1".repeat(65_535)).fault()).isNull();
  }

  @Test
  void aRequestBeyondTheBufferLimitEndsWithoutAnAnswer() {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT.withMaxRequestBytes(40), true);
    ByteBuf fits =
        Unpooled.copiedBuffer(latin1("*2\r\n$4\r\nECHO\r\n$18\r\n" + "x".repeat(18) + "\r\n"));
    ByteBuf exceeds = Unpooled.copiedBuffer(latin1("*2\r\n$4\r\nECHO\r\n$20\r\n"));

    assertThat(decoder.decode(fits)).isTrue();
    ProtocolException fault =
        catchThrowableOfType(ProtocolException.class, () -> decoder.decode(exceeds));

    assertThat(fault.isAnswered()).isFalse();
    assertThat(fault).hasMessage("request bytes: 41 (expected: <= 40)");
  }

  @Test
  void aFaultCostsNoStackTrace() {
    assertThat(new ProtocolException("Protocol error: x").getStackTrace()).isEmpty();
  }
}
