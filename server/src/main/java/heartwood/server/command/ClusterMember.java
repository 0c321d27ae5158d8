package heartwood.server.command;

/**
 * A member of the cluster as another member sees it. Immutable.
 *
 * @param id 40 hex digits, the same for ever
 * @param number of the node, as operators say it
 * @param vote whether it decides
 * @param host that clients are told; never empty
 * @param hostname for clients that want a name; empty if none
 * @param redirectPort of the {@link Personality#REDIRECT} personality
 * @param proxyPort of the {@link Personality#PROXY} personality; 0 if none
 * @param peerPort that members use among themselves
 * @param isConnected whether there is a connection to it; true for the node itself
 * @param appliedIndex the last log index that it is known to hold; its replication offset
 * @param lagSeconds since this node last heard from it; 0 for itself
 * @param lastPingMillis when this node last sent it something, on its clock; 0 if never
 * @param lastPongMillis when this node last heard from it, on its clock; 0 if never
 */
public record ClusterMember(
    String id,
    int number,
    Vote vote,
    String host,
    String hostname,
    int redirectPort,
    int proxyPort,
    int peerPort,
    Health health,
    boolean isConnected,
    long appliedIndex,
    long lagSeconds,
    long lastPingMillis,
    long lastPongMillis) {

  /** What it has to say in the cluster. */
  public enum Vote {
    VOTER("voter"),
    /** It votes until the change under way is done. */
    LEAVING("leaving"),
    /** It will vote once it has caught up. */
    JOINING("joining"),
    LEARNER("learner"),
    /** It is no member, or not yet. */
    NONE("none");

    private final String word;

    Vote(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /** Whether it can be talked to, as far as this node can tell. */
  public enum Health {
    ONLINE("online", ""),
    /** There is no connection, or nothing was heard for longer than an election timeout. */
    SUSPECT("online", "fail?"),
    /** Believed dead by the leader, which speaks for the majority that follows it. */
    FAILED("fail", "fail"),
    /** Fetching a snapshot. */
    LOADING("loading", "");

    private final String word;
    private final String flag;

    Health(String word, String flag) {
      this.word = word;
      this.flag = flag;
    }

    /** In CLUSTER SHARDS. */
    String word() {
      return word;
    }

    /** Among the flags of CLUSTER NODES; may be empty. */
    String flag() {
      return flag;
    }
  }

  /** The port that a connection of a personality would use. */
  int port(Personality personality) {
    return personality == Personality.PROXY && proxyPort != 0 ? proxyPort : redirectPort;
  }
}
