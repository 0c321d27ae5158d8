package heartwood.server.command;

import java.util.ArrayList;
import java.util.List;

/** Reads RESP text into strings, longs, lists and null, for comparison. */
final class RespValue {
  private final String text;
  private int at;

  private RespValue(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    RespValue reader = new RespValue(text);
    Object value = reader.value();
    if (reader.at != text.length()) {
      throw new IllegalArgumentException("behind the reply: " + text.substring(reader.at));
    }
    return value;
  }

  /** The length of the first reply, or -1 if it is not complete. */
  static int completeLength(String text) {
    RespValue reader = new RespValue(text);
    try {
      reader.value();
      return reader.at;
    } catch (StringIndexOutOfBoundsException e) {
      return -1;
    }
  }

  private Object value() {
    char type = text.charAt(at++);
    int end = text.indexOf("\r\n", at);
    String line = text.substring(at, end);
    at = end + 2;
    return switch (type) {
      case ':' -> Long.parseLong(line);
      case '$', '=' -> bulk(Integer.parseInt(line));
      case '*', '~' -> list(Integer.parseInt(line));
      case '%' -> list(2 * Integer.parseInt(line));
      case '_' -> "(null)";
      default -> type + line;
    };
  }

  private Object bulk(int length) {
    if (length < 0) {
      return "(null)";
    }
    String value = text.substring(at, at + length);
    at += length + 2;
    if (at > text.length()) {
      throw new StringIndexOutOfBoundsException(at);
    }
    return value;
  }

  private Object list(int count) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(value());
    }
    return values;
  }
}
