package heartwood.resp.netty;

import heartwood.resp.Bytes;
import heartwood.resp.ProtocolException;
import heartwood.resp.Reply;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the replies in the bytes of one connection, in either protocol version: the client's side.
 * Confined to one thread.
 *
 * <p>Each value that is whole leaves the buffer at once, so the caller may move or drop read bytes
 * between two calls. Depth and size of a reply are bounded, and nothing is allocated for what was
 * only announced. RESP3's streamed strings and aggregates are refused: no Redis sends them.
 */
public final class ReplyDecoder {
  /** More than any command nests, little enough to be shown to people. */
  public static final int DEFAULT_MAX_DEPTH = 128;

  public static final int DEFAULT_MAX_REPLY_BYTES = 1 << 30;

  private static final Pattern BIG_NUMBER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern DOUBLE =
      Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,9})?");

  private final int maxDepth;
  private final int maxReplyBytes;

  /** The aggregates that are still open, innermost first. */
  private final Deque<OpenAggregate> open = new ArrayDeque<>();

  /** Bytes of the unfinished reply that have left the buffer. */
  private int consumedBytes;

  /** No CR lies in this many bytes from the reader index. */
  private int scanned;

  public ReplyDecoder() {
    this(DEFAULT_MAX_DEPTH, DEFAULT_MAX_REPLY_BYTES);
  }

  public ReplyDecoder(int maxDepth, int maxReplyBytes) {
    this.maxDepth = maxDepth;
    this.maxReplyBytes = maxReplyBytes;
  }

  /**
   * Takes the next whole reply from the buffer; null when more bytes are needed.
   *
   * @throws ProtocolException if what follows is no reply, or one beyond the bounds
   */
  public @Nullable Reply decode(ByteBuf in) {
    while (true) {
      int lineEnd = findLineEnd(in);
      if (lineEnd < 0) {
        return null;
      }
      Reply value;
      if (isAggregate(in)) {
        value = openAggregate(in, lineEnd);
        if (value == null) {
          continue; // its elements follow
        }
      } else {
        value = decodeValue(in, lineEnd);
        if (value == null) {
          return null;
        }
      }
      Reply reply = addToOpen(value);
      if (reply != null) {
        return reply;
      }
    }
  }

  /** Hands a value to the aggregate it belongs to, and that one, if now whole, to its own. */
  private @Nullable Reply addToOpen(Reply value) {
    Reply whole = value;
    while (true) {
      OpenAggregate innermost = open.peek();
      if (innermost == null) {
        consumedBytes = 0;
        return whole;
      }
      innermost.add(whole);
      if (!innermost.isWhole()) {
        return null;
      }
      open.pop();
      whole = innermost.build();
    }
  }

  private static boolean isAggregate(ByteBuf in) {
    return switch (in.getByte(in.readerIndex())) {
      case '*', '~', '>', '%', '|' -> true;
      default -> false;
    };
  }

  /** Reads {@code *count} and its like; null when elements must follow. */
  private @Nullable Reply openAggregate(ByteBuf in, int lineEnd) {
    char type = (char) in.getByte(in.readerIndex());
    long count = number(in, lineEnd);
    if (count == -1 && type == '*') {
      consume(in, lineEnd + 2);
      return Reply.Null.ARRAY;
    }
    if (count < 0 || count > Integer.MAX_VALUE) {
      throw fault("aggregate length: " + count + " (expected: 0.." + Integer.MAX_VALUE + ")");
    }
    OpenAggregate aggregate = new OpenAggregate(type, count);
    if (!aggregate.isWhole() && open.size() == maxDepth) {
      throw fault("depth: " + (maxDepth + 1) + " (expected: <= " + maxDepth + ")");
    }
    consume(in, lineEnd + 2);
    if (aggregate.isWhole()) {
      return aggregate.build();
    }
    open.push(aggregate);
    return null;
  }

  /** Reads a value that holds no others; null when its bytes are still to come. */
  private @Nullable Reply decodeValue(ByteBuf in, int lineEnd) {
    byte type = in.getByte(in.readerIndex());
    if (type == '$' || type == '!' || type == '=') {
      return decodeBulk(in, lineEnd, type);
    }
    Reply value =
        switch (type) {
          case '+' -> new Reply.SimpleString(line(in, lineEnd));
          case '-' -> new Reply.SimpleError(line(in, lineEnd));
          case ':' -> new Reply.IntegerReply(number(in, lineEnd));
          case ',' -> new Reply.DoubleReply(doubleValue(line(in, lineEnd)));
          case '#' -> new Reply.BooleanReply(bool(line(in, lineEnd)));
          case '(' -> new Reply.BigNumber(bigNumber(line(in, lineEnd)));
          case '_' -> nothing(line(in, lineEnd));
          default ->
              throw fault("reply type: " + printable(type) + " (expected: one of +-:$*_#,(!=%~>|)");
        };
    consume(in, lineEnd + 2);
    return value;
  }

  private @Nullable Reply decodeBulk(ByteBuf in, int lineEnd, byte type) {
    long length = number(in, lineEnd);
    if (length == -1 && type == '$') {
      consume(in, lineEnd + 2);
      return Reply.Null.BULK;
    }
    if (length < 0) {
      throw fault("bulk length: " + length + " (expected: >= 0)");
    }
    requireRoom(lineEnd + 2L + length + 2L);
    int size = (int) length;
    if (in.readableBytes() < lineEnd + 2 + size + 2) {
      return null;
    }
    int start = in.readerIndex() + lineEnd + 2;
    if (in.getShortLE(start + size) != NumberLine.CRLF) {
      throw fault("a bulk string of " + size + " bytes does not end there");
    }
    byte[] content = new byte[size]; // its bytes are here
    in.getBytes(start, content);
    Reply value = bulk(type, content);
    consume(in, lineEnd + 2 + size + 2);
    return value;
  }

  private static Reply bulk(byte type, byte[] content) {
    if (type == '$') {
      return new Reply.BulkString(Bytes.wrap(content));
    }
    if (type == '!') {
      return new Reply.BulkError(Bytes.wrap(content));
    }
    if (content.length < 4 || content[3] != ':') {
      throw fault("a verbatim string does not begin with a format of three letters");
    }
    String format = new String(content, 0, 3, StandardCharsets.ISO_8859_1);
    byte[] text = Arrays.copyOfRange(content, 4, content.length);
    return new Reply.VerbatimString(format, Bytes.wrap(text));
  }

  /**
   * Counted from the reader index, the CR of the line that begins there; -1 while it is not here.
   */
  private int findLineEnd(ByteBuf in) {
    int start = in.readerIndex();
    int arrived = in.readableBytes();
    int found = in.indexOf(start + scanned, start + arrived, (byte) '\r');
    if (found < 0) {
      requireRoom(arrived);
      scanned = arrived;
      return -1;
    }
    scanned = found - start;
    requireRoom(scanned + 2L);
    if (scanned + 1 == arrived) {
      return -1;
    }
    if (in.getByte(found + 1) != '\n') {
      throw fault("CR without LF");
    }
    return scanned;
  }

  private void requireRoom(long bytes) {
    if (consumedBytes + bytes > maxReplyBytes) {
      throw fault(
          "reply bytes: " + (consumedBytes + bytes) + " (expected: <= " + maxReplyBytes + ")");
    }
  }

  private void consume(ByteBuf in, int bytes) {
    in.skipBytes(bytes);
    consumedBytes += bytes;
    scanned = 0;
  }

  // ---- The text of a line, without its type and its end.

  private static String line(ByteBuf in, int lineEnd) {
    return in.toString(in.readerIndex() + 1, lineEnd - 1, StandardCharsets.UTF_8);
  }

  private static long number(ByteBuf in, int lineEnd) {
    int start = in.readerIndex();
    return NumberLine.parse(in, start + 1, start + lineEnd, "Protocol error: invalid number");
  }

  private static double doubleValue(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan", "-nan" -> Double.NaN; // older servers print the sign that C gives it
      default -> Double.parseDouble(requireMatch(DOUBLE, text, "double"));
    };
  }

  private static String bigNumber(String text) {
    return requireMatch(BIG_NUMBER, text, "big number");
  }

  private static String requireMatch(Pattern pattern, String text, String name) {
    if (!pattern.matcher(text).matches()) {
      throw fault("invalid " + name);
    }
    return text;
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "t" -> true;
      case "f" -> false;
      default -> throw fault("invalid boolean");
    };
  }

  private static Reply nothing(String text) {
    if (!text.isEmpty()) {
      throw fault("invalid null");
    }
    return Reply.Null.PLAIN;
  }

  private static String printable(byte b) {
    return Bytes.wrap(new byte[] {b}).toString();
  }

  private static ProtocolException fault(String text) {
    return new ProtocolException("Protocol error: " + text);
  }

  /** An aggregate of which elements are still to come. */
  private static final class OpenAggregate {
    private final char type;
    private final List<Reply> elements = new ArrayList<>(4);
    private long missing;

    OpenAggregate(char type, long count) {
      this.type = type;
      this.missing =
          switch (type) {
            case '%' -> 2 * count;
            case '|' -> 2 * count + 1; // and the reply that they describe
            default -> count;
          };
    }

    void add(Reply element) {
      elements.add(element);
      missing--;
    }

    boolean isWhole() {
      return missing == 0;
    }

    Reply build() {
      return switch (type) {
        case '*' -> new Reply.Array(elements);
        case '~' -> new Reply.SetReply(elements);
        case '>' -> new Reply.Push(elements);
        case '%' -> new Reply.MapReply(entries(elements.size()));
        case '|' -> {
          int last = elements.size() - 1;
          yield new Reply.Attributed(entries(last), elements.get(last));
        }
        default -> throw new AssertionError(type);
      };
    }

    private List<Reply.Entry> entries(int end) {
      List<Reply.Entry> entries = new ArrayList<>(end / 2);
      for (int i = 0; i < end; i += 2) {
        entries.add(new Reply.Entry(elements.get(i), elements.get(i + 1)));
      }
      return entries;
    }
  }
}
