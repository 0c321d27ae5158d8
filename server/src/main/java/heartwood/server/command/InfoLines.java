package heartwood.server.command;

/** The lines of a section of INFO, each ended by CR LF. Confined. */
final class InfoLines {
  private final StringBuilder text = new StringBuilder();

  InfoLines(String section) {
    text.append("# ").append(section).append("\r\n");
  }

  void put(String name, Object value) {
    text.append(name).append(':').append(value).append("\r\n");
  }

  void put(String name, boolean value) {
    put(name, value ? 1 : 0);
  }

  /** Bytes, and beside them the same for people. */
  void putBytes(String name, long bytes) {
    put(name, bytes);
    put(name + "_human", Texts.human(bytes));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
