package heartwood.raft.node;

/** Reads that wait for a linearizable moment. Exactly one of the methods is called, once. */
public interface ReadRequest {
  /** On the apply thread: the state has applied all that was committed when the request came. */
  void ready();

  /** On the raft loop: this node cannot tell what is committed; nothing was read. */
  void failed();

  /** How many reads it stands for. */
  default int count() {
    return 1;
  }
}
