package heartwood.raft.log;

import heartwood.raft.message.NodeId;

/**
 * Who a data directory belongs to. A directory that is wiped gets a new incarnation, and peers that
 * have met the old one refuse it: a wiped disk has forgotten its votes. Immutable.
 *
 * @param clusterId random, alike on all members, given at bootstrap
 * @param incarnation random, drawn when the directory is made
 */
public record NodeIdentity(long clusterId, NodeId nodeId, long incarnation) {}
