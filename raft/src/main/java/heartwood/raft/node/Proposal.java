package heartwood.raft.node;

/**
 * An entry that this node proposes, and who waits for it. Everything here is called on the raft
 * loop; what the entry did is told by {@link StateMachine#apply}, on the apply thread.
 *
 * <pre>
 *           ┌── notExecuted ──────────────► it has no effect, and never will have
 *           │
 *   open ───┼── unknown ──────────────────► nobody can tell here
 *           │                    ▲
 *           └── committed ───────┤
 *                                └── apply ► executed, with an answer
 * </pre>
 *
 * <p>So it ends once: with {@code notExecuted}, {@code unknown} or {@code apply}. What is committed
 * has its effect; if it is unknown then, only the answer is.
 */
public interface Proposal {
  byte[] payload();

  /** On the raft loop: it is committed, and on its way to the apply thread. */
  void committed();

  /** It was appended nowhere, or another entry was committed in its place: it has no effect. */
  void notExecuted();

  /**
   * It may or may not take effect: leadership was lost and its fate cannot be waited for. After
   * {@link #committed}: it took effect elsewhere, and came here within a snapshot.
   */
  void unknown();
}
