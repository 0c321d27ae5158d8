package heartwood.raft.message;

/**
 * A member and where it listens: for cluster clients (redirect), for plain clients (proxy), for
 * peers and for operators (admin). Immutable.
 */
public record Member(
    NodeId id, String host, int redirectPort, int proxyPort, int peerPort, int adminPort) {}
