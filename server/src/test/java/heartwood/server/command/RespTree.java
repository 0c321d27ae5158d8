package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a RESP2 reply, one char per byte, into what {@link TreeSink} would have made of it. */
final class RespTree {
  private static final String NIL = "nil";

  private final String text;
  private int at;

  private RespTree(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    return new RespTree(text).value();
  }

  private Object value() {
    int end = text.indexOf("\r\n", at);
    String line = text.substring(at, end);
    String rest = line.substring(1);
    at = end + 2;
    return switch (line.charAt(0)) {
      case '+', ':' -> rest;
      case '-' -> line;
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> array(Integer.parseInt(rest));
      default -> throw new AssertionError("not RESP2: " + line);
    };
  }

  private String bulk(int length) {
    if (length < 0) {
      return NIL;
    }
    String bytes = text.substring(at, at + length);
    at += length + 2;
    return TreeSink.quoted(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Object array(int count) {
    if (count < 0) {
      return NIL;
    }
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(value());
    }
    return elements;
  }
}
