package heartwood.resp;

import java.util.List;

/**
 * One whole answer of a server, as a value: what clients and tests read. Immutable.
 *
 * <p>The names are RESP3's own; where {@code java.lang} owns the word, {@code Reply} is added. The
 * server itself never builds these: its commands write to a {@link ReplySink}.
 */
public sealed interface Reply {

  /** {@code +text}. */
  record SimpleString(String text) implements Reply {}

  /** {@code -message}. */
  record SimpleError(String message) implements Reply {}

  /** {@code $length} and the bytes. */
  record BulkString(Bytes value) implements Reply {
    public static BulkString utf8(String text) {
      return new BulkString(Bytes.utf8(text));
    }
  }

  /** {@code !length} and the message. */
  record BulkError(Bytes message) implements Reply {}

  /** {@code =length}, a format of three letters, a colon and the text. */
  record VerbatimString(String format, Bytes text) implements Reply {}

  /** {@code :value}. */
  record IntegerReply(long value) implements Reply {}

  /** {@code ,value}. */
  record DoubleReply(double value) implements Reply {}

  /** {@code #t} or {@code #f}. */
  record BooleanReply(boolean value) implements Reply {}

  /** {@code (digits}: kept as digits, since to convert very many of them costs their square. */
  record BigNumber(String digits) implements Reply {}

  /** {@code *count}. */
  record Array(List<Reply> elements) implements Reply {
    public Array {
      elements = List.copyOf(elements);
    }
  }

  /** {@code ~count}. The order and any duplicates are the sender's. */
  record SetReply(List<Reply> elements) implements Reply {
    public SetReply {
      elements = List.copyOf(elements);
    }
  }

  /** {@code >count}: out-of-band data, which answers no request. */
  record Push(List<Reply> elements) implements Reply {
    public Push {
      elements = List.copyOf(elements);
    }
  }

  /** {@code %count}. The order and any duplicates are the sender's. */
  record MapReply(List<Entry> entries) implements Reply {
    public MapReply {
      entries = List.copyOf(entries);
    }
  }

  /** {@code |count}, entries that describe the reply which follows them, and that reply. */
  record Attributed(List<Entry> attributes, Reply reply) implements Reply {
    public Attributed {
      attributes = List.copyOf(attributes);
    }
  }

  /** One key and its value, in a map or among attributes. */
  record Entry(Reply key, Reply value) {}

  /** The absent value in the three forms in which servers write it. */
  enum Null implements Reply {
    /** {@code _}, RESP3's only one. */
    PLAIN,
    /** {@code $-1}. */
    BULK,
    /** {@code *-1}. */
    ARRAY
  }
}
