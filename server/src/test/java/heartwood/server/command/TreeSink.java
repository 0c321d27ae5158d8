package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects replies of RESP2 as trees: a list for an array, text for all else. Integers are bare,
 * bulk strings quoted, errors begin with a minus.
 */
final class TreeSink implements ReplySink {
  /** What was written, value by value, arrays as their sizes. */
  private final List<Object> written = new ArrayList<>();

  private int read;

  /** The one reply that was written; fails if it is incomplete or followed by another. */
  Object take() {
    read = 0;
    Object reply = next();
    if (read != written.size()) {
      throw new AssertionError("more than one reply: " + written);
    }
    written.clear();
    return reply;
  }

  private Object next() {
    Object value = written.get(read++);
    if (!(value instanceof Integer size)) {
      return value;
    }
    List<Object> array = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      array.add(next());
    }
    return array;
  }

  /** Bytes as text in quotes, the unprintable ones as in redis-cli. */
  static String quoted(byte[] bytes) {
    StringBuilder text = new StringBuilder("\"");
    for (byte each : bytes) {
      if (each == '"' || each == '\\') {
        text.append('\\').append((char) each);
      } else if (each >= ' ' && each < 127) {
        text.append((char) each);
      } else {
        text.append(String.format("\\x%02x", each & 0xff));
      }
    }
    return text.append('"').toString();
  }

  @Override
  public RespVersion version() {
    return RespVersion.RESP2;
  }

  @Override
  public void simpleString(String text) {
    written.add(text);
  }

  @Override
  public void error(String message) {
    written.add("-" + message);
  }

  @Override
  public void integer(long value) {
    written.add(Long.toString(value));
  }

  @Override
  public void bulk(byte[] value) {
    written.add(quoted(value));
  }

  @Override
  public void bulk(byte[] value, int offset, int length) {
    bulk(ByteBuffer.wrap(value, offset, length));
  }

  @Override
  public void bulk(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    bulk(bytes);
  }

  @Override
  public void bulk(String value) {
    bulk(value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void nullBulk() {
    written.add("nil");
  }

  @Override
  public void nullArray() {
    written.add("nil");
  }

  @Override
  public void array(int count) {
    written.add(count);
  }

  @Override
  public void map(int pairCount) {
    array(2 * pairCount);
  }

  @Override
  public void set(int count) {
    array(count);
  }

  @Override
  public void push(int count) {
    array(count);
  }

  @Override
  public void doubleValue(double value) {
    bulk(Double.toString(value));
  }

  @Override
  public void bool(boolean value) {
    integer(value ? 1 : 0);
  }

  @Override
  public void bigNumber(String digits) {
    bulk(digits);
  }

  @Override
  public void verbatim(String format, String text) {
    bulk(text);
  }

  @Override
  public long mark() {
    return written.size();
  }

  @Override
  public void rollback(long mark) {
    written.subList((int) mark, written.size()).clear();
  }
}
