package heartwood.raft.core;

/** Invariants that stay on in production: a node that breaks one must stop. */
final class Ensure {
  private Ensure() {}

  static void ensure(boolean holds, String fact, RaftState state) {
    if (!holds) {
      throw new InvariantViolation(fact + " does not hold: " + state.describe());
    }
  }
}
