package heartwood.server.config;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** What a node may do beyond loopback, decided from the configuration alone. */
public final class NetworkRules {
  /** What a client from elsewhere hears in protected mode, after Redis' DENIED. */
  public static final String PROTECTED_MODE_DENIED =
      "DENIED Heartwood is running in protected mode because no password is set for the default"
          + " user. In this mode connections are only accepted from the loopback interface. To"
          + " connect from elsewhere, set a password with the requirepass directive or with CONFIG"
          + " SET requirepass on loopback, or, where the network itself is trusted, turn protected"
          + " mode off with protected-mode no.";

  private NetworkRules() {}

  /** Whether a client may be served: protected mode keeps others than loopback out. */
  public static boolean acceptsClient(ServerConfig config, InetAddress client) {
    return client.isLoopbackAddress()
        || !config.get(Directives.PROTECTED_MODE)
        || !config.get(Directives.REQUIREPASS).isEmpty();
  }

  /**
   * Why a node must not start so, a sentence each; empty if it may. Peers speak without TLS, so
   * beyond loopback that must be asked for.
   */
  public static List<String> reasonsNotToStart(ServerConfig config) {
    List<String> reasons = new ArrayList<>();
    List<MemberAddress> members = config.get(Directives.CLUSTER_MEMBERS);
    if (!config.get(Directives.PEER_INSECURE)) {
      for (MemberAddress member : members) {
        if (!isLoopback(member.host())) {
          reasons.add(
              "cluster-members: peer "
                  + member.id()
                  + " at "
                  + member.host()
                  + " is not on loopback and peers have no TLS; say peer-insecure yes if the"
                  + " network between them is trusted.");
        }
      }
    }
    if (!members.isEmpty() && config.get(Directives.CLUSTER_ID).isEmpty()) {
      reasons.add(
          "cluster-id: must be given with cluster-members, the same on all of them; nodes know"
              + " those of other clusters by it.");
    }
    if (members.stream().map(MemberAddress::id).distinct().count() != members.size()) {
      reasons.add("cluster-members: two members have the same id.");
    }
    int self = config.get(Directives.NODE_ID);
    if (!members.isEmpty() && members.stream().noneMatch(member -> member.id() == self)) {
      reasons.add("node-id: " + self + " is not among the cluster-members.");
    }
    if (config.get(Directives.ELECTION_TIMEOUT_MS) < 2 * config.get(Directives.HEARTBEAT_MS)) {
      reasons.add("election-timeout-ms: must be at least twice heartbeat-ms.");
    }
    return reasons;
  }

  /** Whether a host is surely this machine: names but localhost are not looked up. */
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("::1")
        || host.equals("0:0:0:0:0:0:0:1")
        || host.matches("127(\\.\\d{1,3}){3}");
  }
}
