package heartwood.tests.history;

import java.util.List;

/** What is found about one object. Immutable. */
sealed interface Verdict {

  /** There is an order that explains everything. */
  record Linearizable(long configurations) implements Verdict {}

  /**
   * There is none.
   *
   * @param reason in a sentence
   * @param before the states that were possible before the window
   * @param window the operations that do not fit, in the order of their invocation, with those that
   *     are unknown and may have taken effect among them
   */
  record Violation(String reason, List<String> before, List<Operation> window) implements Verdict {}

  /** The search was given up. */
  record Undecided(String reason) implements Verdict {}
}
