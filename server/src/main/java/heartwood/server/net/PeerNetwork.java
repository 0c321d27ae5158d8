package heartwood.server.net;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.PeerBindings;

/** What all peer connections of a node share. Thread-safe. */
record PeerNetwork(NodeIdentity identity, PeerBindings bindings, Sockets sockets) {}
