package heartwood.resp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A byte string of any content, equal to another when their bytes are equal. Immutable. */
public final class Bytes {
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] content;

  private Bytes(byte[] content) {
    this.content = content;
  }

  public static Bytes copyOf(byte[] content) {
    return new Bytes(content.clone());
  }

  /** The text's UTF-8 bytes. */
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Takes the array over instead of copying it: the caller must not write to it any more. */
  public static Bytes wrap(byte[] content) {
    return new Bytes(content);
  }

  public int length() {
    return content.length;
  }

  public byte byteAt(int position) {
    return content[position];
  }

  public byte[] toArray() {
    return content.clone();
  }

  /** The bytes read as UTF-8; what is not UTF-8 becomes U+FFFD. */
  public String utf8() {
    return new String(content, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  /** The bytes between quotes, as redis-cli shows them: {@code "a\x00b\n"}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(content.length + 2).append('"');
    for (byte b : content) {
      switch (b) {
        case '"', '\\' -> text.append('\\').append((char) b);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case 7 -> text.append("\\a");
        case '\b' -> text.append("\\b");
        default -> {
          if (b >= ' ' && b < 127) {
            text.append((char) b);
          } else {
            text.append(String.format("\\x%02x", b));
          }
        }
      }
    }
    return text.append('"').toString();
  }
}
