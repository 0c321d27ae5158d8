package heartwood.tests.history;

/** What an operation does, and to which kind of object. */
public enum Kind {
  /** Writes a value; tells "1" if there was none before, "0" if there was, or nothing. */
  SET(Model.REGISTER, false),
  /** Tells the value, or that there is none. */
  GET(Model.REGISTER, true),
  /** Removes the value; tells "1" if there was one, else "0". */
  DEL(Model.REGISTER, false),
  /** Adds one; tells the sum. */
  INCR(Model.COUNTER, false),
  /** Tells the sum, or that it was never begun. */
  COUNT(Model.COUNTER, true),
  /** Adds to the end of a text; tells the text's new length. */
  APPEND(Model.TEXT, false),
  /** Tells the text, or that there is none. */
  READ(Model.TEXT, true),
  /** Reads the key as it was at a revision, which is its argument; tells what was there. */
  PAST(Model.PAST, true);

  private final Model model;
  private final boolean isRead;

  Kind(Model model, boolean isRead) {
    this.model = model;
    this.isRead = isRead;
  }

  Model model() {
    return model;
  }

  /** Whether it changes nothing. */
  public boolean isRead() {
    return isRead;
  }
}
