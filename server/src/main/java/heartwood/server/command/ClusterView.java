package heartwood.server.command;

/** What this node knows of its cluster. Thread-safe; a call does not block. */
public interface ClusterView {
  /**
   * The members and their leader, all at one moment. MOVED must be made from the same picture, so
   * that a client that asks for the slots after a redirect finds the same leader.
   */
  Topology topology();

  /** How the cluster does, in a sentence for people. */
  String explain();

  /** How consensus stands on this node. */
  RaftStatus raft();
}
