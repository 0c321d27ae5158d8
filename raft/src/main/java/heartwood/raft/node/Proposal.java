package heartwood.raft.node;

/**
 * An entry that this node proposes, and who waits for it. Exactly one of these happens: it is
 * handed to {@link StateMachine#apply}, or one of the methods below is called, on the raft loop.
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
