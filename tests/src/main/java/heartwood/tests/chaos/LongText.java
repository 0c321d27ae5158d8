package heartwood.tests.chaos;

/** Values that are long on disks and short in histories, and differ there if they differ. */
final class LongText {
  private static final char FILLER = '.';

  private LongText() {}

  static String filler(int bytes) {
    return String.valueOf(FILLER).repeat(bytes);
  }

  /** The number of fillers at the end instead of themselves. */
  static String shorten(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == FILLER) {
      end--;
    }
    return end == text.length() ? text : text.substring(0, end) + "~" + (text.length() - end);
  }
}
