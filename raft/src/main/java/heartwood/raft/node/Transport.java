package heartwood.raft.node;

import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;

/**
 * The way to the peers. Called by the raft loop; never blocks and never throws. A message may be
 * lost, late, doubled or out of order, but never damaged: what does not pass its checksum is lost.
 */
public interface Transport {
  void send(NodeId to, Message message);

  /**
   * Nothing more follows in this turn: what was sent leaves, ahead of whatever else the loop has to
   * do. A transport that keeps nothing back has nothing to do.
   */
  default void flush() {}
}
