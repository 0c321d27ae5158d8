package heartwood.tests.history;

/** What a client knows of an operation. */
public enum Outcome {
  /** It took effect between its invocation and its completion, and told its result. */
  OK("ok"),
  /** It had no effect and never will have. */
  NOT_EXECUTED("no"),
  /** It may take effect at any time after its invocation, or never. */
  UNKNOWN("unknown");

  private final String word;

  Outcome(String word) {
    this.word = word;
  }

  /** As files have it. */
  String word() {
    return word;
  }
}
