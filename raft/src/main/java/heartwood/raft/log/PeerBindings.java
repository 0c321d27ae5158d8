package heartwood.raft.log;

import heartwood.raft.message.NodeId;
import java.util.OptionalLong;

/**
 * Which incarnation of each peer this node has met. A peer that comes back with another one has
 * lost its disk, and with it its votes: it must not speak under its old number.
 *
 * <p>Thread-safe.
 */
public interface PeerBindings {
  /**
   * Binds a peer on first contact. Blocks until the binding is durable; a known binding costs no
   * write.
   *
   * @return false when the peer is bound to another incarnation and must be refused
   */
  boolean bindPeer(NodeId peer, long incarnation);

  /** The incarnation that a peer is bound to; empty before the first contact. */
  OptionalLong peerIncarnation(NodeId peer);
}
