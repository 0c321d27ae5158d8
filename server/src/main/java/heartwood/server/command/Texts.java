package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Small texts in the forms that Redis gives them. Stateless. */
final class Texts {
  private static final long KILO = 1024;

  private Texts() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Bytes for people: 1.50M. */
  static String human(long bytes) {
    if (bytes < KILO) {
      return bytes + "B";
    }
    String units = "KMGTPE";
    double value = (double) bytes / KILO;
    int unit = 0;
    while (value >= KILO) {
      value /= KILO;
      unit++;
    }
    return fixed(value) + units.charAt(unit);
  }

  /** With two decimals and a point, whatever the locale. */
  static String fixed(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** Whether Redis takes it as a name: printable ASCII without blanks. */
  static boolean isName(String text) {
    return text.chars().allMatch(letter -> letter >= '!' && letter <= '~');
  }
}
