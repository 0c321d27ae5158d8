package heartwood.resp.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ByteBufReplySinkTest {
  static Stream<Arguments> replies() {
    return Stream.of(
        golden(ReplySink::ok, "+OK\r\n"),
        golden(reply -> reply.simpleString("PONG"), "+PONG\r\n"),
        golden(reply -> reply.error("ERR syntax error"), "-ERR syntax error\r\n"),
        golden(reply -> reply.error("ERR a\r\nb\nc é"), "-ERR a  b c é\r\n"),
        golden(reply -> reply.simpleString("a\r\nb"), "+a  b\r\n"),
        golden(reply -> reply.integer(0), ":0\r\n"),
        golden(reply -> reply.integer(9), ":9\r\n"),
        golden(reply -> reply.integer(10), ":10\r\n"),
        golden(reply -> reply.integer(99_999), ":99999\r\n"),
        golden(reply -> reply.integer(100_000), ":100000\r\n"),
        golden(reply -> reply.integer(-1), ":-1\r\n"),
        golden(reply -> reply.integer(Long.MAX_VALUE), ":9223372036854775807\r\n"),
        golden(reply -> reply.integer(Long.MIN_VALUE), ":-9223372036854775808\r\n"),
        golden(reply -> reply.bulk(""), "$0\r\n\r\n"),
        golden(reply -> reply.bulk("é\r\n"), "$4\r\né\r\n\r\n"),
        golden(reply -> reply.bulk(new byte[] {'a', 'b'}), "$2\r\nab\r\n"),
        golden(reply -> reply.bulk(new byte[] {'a', 'b', 'c'}, 1, 2), "$2\r\nbc\r\n"),
        golden(ReplySink::nullBulk, "$-1\r\n", "_\r\n"),
        golden(ReplySink::nullArray, "*-1\r\n", "_\r\n"),
        golden(reply -> reply.array(0), "*0\r\n"),
        golden(reply -> reply.array(12), "*12\r\n"),
        golden(reply -> reply.map(3), "*6\r\n", "%3\r\n"),
        golden(reply -> reply.set(3), "*3\r\n", "~3\r\n"),
        golden(reply -> reply.push(3), "*3\r\n", ">3\r\n"),
        golden(reply -> reply.bool(true), ":1\r\n", "#t\r\n"),
        golden(reply -> reply.bool(false), ":0\r\n", "#f\r\n"),
        golden(reply -> reply.doubleValue(3), "$1\r\n3\r\n", ",3\r\n"),
        golden(reply -> reply.doubleValue(0.1), "$3\r\n0.1\r\n", ",0.1\r\n"),
        golden(reply -> reply.doubleValue(1e20), "$5\r\n1e+20\r\n", ",1e+20\r\n"),
        golden(reply -> reply.doubleValue(Double.NaN), "$3\r\nnan\r\n", ",nan\r\n"),
        golden(reply -> reply.doubleValue(1 / 0.0), "$3\r\ninf\r\n", ",inf\r\n"),
        golden(reply -> reply.doubleValue(-1 / 0.0), "$4\r\n-inf\r\n", ",-inf\r\n"),
        golden(reply -> reply.bigNumber("-123"), "$4\r\n-123\r\n", "(-123\r\n"),
        golden(reply -> reply.verbatim("txt", "a é"), "$4\r\na é\r\n", "=8\r\ntxt:a é\r\n"));
  }

  @ParameterizedTest
  @MethodSource("replies")
  void writesWhatRedisWrites(Consumer<ReplySink> reply, String resp2, String resp3) {
    assertThat(written(RespVersion.RESP2, reply)).isEqualTo(resp2);
    assertThat(written(RespVersion.RESP3, reply)).isEqualTo(resp3);
  }

  @Test
  void writesABufferWithoutMovingItsPosition() {
    ByteBuffer value = ByteBuffer.wrap(new byte[] {'a', 'b', 'c', 'd'}, 1, 2).asReadOnlyBuffer();

    assertThat(written(RespVersion.RESP2, reply -> reply.bulk(value))).isEqualTo("$2\r\nbc\r\n");
    assertThat(value.position()).isEqualTo(1);
    assertThat(value.limit()).isEqualTo(3);
  }

  @Test
  void refusesAFormatThatIsNotOfThreeLetters() {
    assertThatThrownBy(() -> written(RespVersion.RESP3, reply -> reply.verbatim("text", "")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bufferAndVersionChangeBetweenReplies() {
    ByteBuf first = Unpooled.buffer();
    ByteBuf second = Unpooled.buffer();
    ByteBufReplySink replies = new ByteBufReplySink(first, RespVersion.RESP2);

    replies.nullBulk();
    replies.buffer(second);
    replies.version(RespVersion.RESP3);
    replies.nullBulk();

    assertThat(first.toString(StandardCharsets.UTF_8)).isEqualTo("$-1\r\n");
    assertThat(second.toString(StandardCharsets.UTF_8)).isEqualTo("_\r\n");
  }

  @Test
  void writesManyRepliesIntoABufferThatGrows() {
    String expected = "+OK\r\n:12\r\n$1\r\na\r\n".repeat(1_000);

    ByteBuf out = Unpooled.buffer(1);
    ByteBufReplySink replies = new ByteBufReplySink(out, RespVersion.RESP2);
    for (int i = 0; i < 1_000; i++) {
      replies.ok();
      replies.integer(12);
      replies.bulk("a");
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
  }

  private static Arguments golden(Consumer<ReplySink> reply, String bothVersions) {
    return golden(reply, bothVersions, bothVersions);
  }

  private static Arguments golden(Consumer<ReplySink> reply, String resp2, String resp3) {
    return Arguments.of(reply, resp2, resp3);
  }

  private static String written(RespVersion version, Consumer<ReplySink> reply) {
    ByteBuf out = Unpooled.buffer(1);
    reply.accept(new ByteBufReplySink(out, version));
    return out.toString(StandardCharsets.UTF_8);
  }
}
