package heartwood.server.command;

/** How a node presents itself to a connection; the port decides. */
public enum Personality {
  /** A member of a Redis Cluster of one shard: followers redirect clients to the leader. */
  REDIRECT("cluster"),
  /** A Redis master that knows no cluster: every node forwards to the leader. */
  PROXY("standalone");

  private final String mode;

  Personality(String mode) {
    this.mode = mode;
  }

  /** Redis' word for it, in HELLO and INFO. */
  String mode() {
    return mode;
  }
}
