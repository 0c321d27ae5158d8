package heartwood.resp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/**
 * Writes requests as clients send them: {@code *count}, then each argument as a bulk string.
 * Stateless.
 */
public final class RequestEncoder {
  private RequestEncoder() {}

  /** Appends one request whose arguments are the texts' UTF-8 bytes. */
  public static void encode(ByteBuf out, String... arguments) {
    start(out, arguments.length);
    for (String argument : arguments) {
      NumberLine.encode(out, '$', ByteBufUtil.utf8Bytes(argument));
      ByteBufUtil.writeUtf8(out, argument);
      out.writeShortLE(NumberLine.CRLF);
    }
  }

  /** Appends one request. */
  public static void encode(ByteBuf out, List<byte[]> arguments) {
    start(out, arguments.size());
    for (byte[] argument : arguments) {
      argument(out, argument);
    }
  }

  /** Begins a request of that many arguments; as many calls of {@link #argument} must follow. */
  public static void start(ByteBuf out, int argumentCount) {
    if (argumentCount < 1) {
      throw new IllegalArgumentException("argument count: " + argumentCount + " (expected: > 0)");
    }
    NumberLine.encode(out, '*', argumentCount);
  }

  public static void argument(ByteBuf out, byte[] value) {
    NumberLine.encode(out, '$', value.length);
    out.writeBytes(value);
    out.writeShortLE(NumberLine.CRLF);
  }
}
