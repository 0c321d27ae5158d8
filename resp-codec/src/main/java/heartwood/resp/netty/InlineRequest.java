package heartwood.resp.netty;

import heartwood.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A request typed by a human, {@code SET greeting "hello\n"}: splits one line into arguments.
 * Confined to the decoder's thread; lives for one line.
 *
 * <p>The rules are those of Redis' {@code sdssplitargs}. Blanks separate. A double quote opens text
 * with escapes (the letters n, r, t, b and a; x and two hexadecimal digits; any other character
 * stands for itself), a single quote text in which only {@code \'} is one. Quotes may open within a
 * word; what closes them must be followed by a blank or the end. One difference: a zero byte is a
 * byte like any other, where Redis waits for a line without one, for ever.
 */
final class InlineRequest {
  static final String UNBALANCED_QUOTES = "Protocol error: unbalanced quotes in request";

  /** The line; the arguments, which are never longer than their source, are written over it. */
  private final byte[] line;

  private int read;
  private int written;

  private InlineRequest(byte[] line) {
    this.line = line;
  }

  /** Adds the arguments of the line in {@code [from, to)} to the view; an empty line has none. */
  static void decode(ByteBuf in, int from, int to, RequestView request) {
    byte[] line = new byte[to - from];
    in.getBytes(from, line);
    new InlineRequest(line).split(request);
    request.locate(Unpooled.wrappedBuffer(line), 0);
  }

  private void split(RequestView request) {
    while (true) {
      while (read < line.length && isBlank(line[read])) {
        read++;
      }
      if (read == line.length) {
        return;
      }
      int start = written;
      readWord();
      request.add(start, written - start);
    }
  }

  private void readWord() {
    while (read < line.length) {
      byte next = line[read++];
      switch (next) {
        case ' ', '\n', '\r', '\t' -> {
          return;
        }
        case '"' -> {
          readDoubleQuoted();
          return;
        }
        case '\'' -> {
          readSingleQuoted();
          return;
        }
        default -> line[written++] = next;
      }
    }
  }

  private void readDoubleQuoted() {
    while (read < line.length) {
      byte next = line[read++];
      if (next == '"') {
        requireWordEnd();
        return;
      }
      line[written++] = next == '\\' && read < line.length ? readEscape() : next;
    }
    throw new ProtocolException(UNBALANCED_QUOTES);
  }

  private byte readEscape() {
    byte letter = line[read++];
    if (letter == 'x' && read + 1 < line.length) {
      int high = Character.digit(line[read], 16);
      int low = Character.digit(line[read + 1], 16);
      if (high >= 0 && low >= 0) {
        read += 2;
        return (byte) (high << 4 | low);
      }
    }
    return switch (letter) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 7;
      default -> letter;
    };
  }

  private void readSingleQuoted() {
    while (read < line.length) {
      byte next = line[read++];
      if (next == '\'') {
        requireWordEnd();
        return;
      }
      if (next == '\\' && read < line.length && line[read] == '\'') {
        next = line[read++];
      }
      line[written++] = next;
    }
    throw new ProtocolException(UNBALANCED_QUOTES);
  }

  private void requireWordEnd() {
    if (read < line.length && !isBlank(line[read])) {
      throw new ProtocolException(UNBALANCED_QUOTES);
    }
  }

  /**
   * C's {@code isspace}; but vertical tab and form feed do not end a word, they only precede it.
   */
  private static boolean isBlank(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }
}
