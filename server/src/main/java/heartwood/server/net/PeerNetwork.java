package heartwood.server.net;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.PeerBindings;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all peer connections of a node share. Thread-safe.
 *
 * @param epochs numbers the connections that this process makes, ascending over restarts too
 */
record PeerNetwork(
    NodeIdentity identity, PeerBindings bindings, Sockets sockets, AtomicLong epochs) {
  PeerNetwork(NodeIdentity identity, PeerBindings bindings, Sockets sockets) {
    // Microseconds of the clock: a restarted process begins above all that it gave out before.
    this(identity, bindings, sockets, new AtomicLong(System.currentTimeMillis() * 1000));
  }

  long nextEpoch() {
    return epochs.incrementAndGet();
  }
}
