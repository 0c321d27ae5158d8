package heartwood.server.config;

import static heartwood.server.config.Directive.Change.AT_START;
import static heartwood.server.config.Directive.Change.FIXED;
import static heartwood.server.config.Directive.Change.LIVE;
import static heartwood.server.config.Directive.Scope.CLUSTER;
import static heartwood.server.config.Directive.Scope.NODE;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every directive, once, in the order of the documentation. Immutable. */
public final class Directives {
  private static final Map<String, Directive<?>> ALL = new LinkedHashMap<>();
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** Values of directives. */
  public static final String LINEARIZABLE = "linearizable";

  public static final String LEASE = "lease";
  public static final String READ_INDEX = "read-index";

  private Directives() {}

  // Where the node listens.

  public static final Directive<Integer> PORT =
      add(
          "port",
          port(),
          "6379",
          AT_START,
          NODE,
          "Port of the Redis Cluster personality; 0: none.");
  public static final Directive<Integer> PROXY_PORT =
      add(
          "proxy-port",
          port(),
          "0",
          AT_START,
          NODE,
          "Port of the plain master personality, which forwards to the leader; 0: none.");
  public static final Directive<List<String>> BIND =
      add(
          "bind",
          ValueType.words("ADDRESS …"),
          "127.0.0.1 -::1",
          AT_START,
          NODE,
          "Addresses to listen on; one with a leading minus may be missing.");
  public static final Directive<Integer> TCP_BACKLOG =
      add(
          "tcp-backlog",
          integer(1, 65_535),
          "511",
          AT_START,
          NODE,
          "Connections that may wait to be accepted.");
  public static final Directive<Integer> TCP_KEEPALIVE =
      add(
          "tcp-keepalive",
          integer(0, Integer.MAX_VALUE),
          "300",
          LIVE,
          NODE,
          "Seconds between signs of life that TCP asks of silent clients; 0: none. For new clients.");
  public static final Directive<Integer> TIMEOUT =
      add(
          "timeout",
          integer(0, Integer.MAX_VALUE),
          "0",
          LIVE,
          NODE,
          "Seconds after which an idle client is cut off; 0: never.");
  public static final Directive<Integer> MAXCLIENTS =
      add("maxclients", integer(1, 1_000_000), "10000", LIVE, NODE, "Clients at a time.");

  // The cluster.

  public static final Directive<String> CLUSTER_ID =
      add(
          "cluster-id",
          text("NAME"),
          "",
          AT_START,
          CLUSTER,
          "Name of the cluster, needed with cluster-members; nodes of another one are refused.");
  public static final Directive<Integer> NODE_ID =
      add(
          "node-id",
          integer(1, Integer.MAX_VALUE),
          "1",
          AT_START,
          NODE,
          "This node's number among the members.");
  public static final Directive<List<MemberAddress>> CLUSTER_MEMBERS =
      add(
          "cluster-members",
          ValueType.members(),
          "",
          AT_START,
          CLUSTER,
          "The members that a new cluster begins with, and where; none: a cluster of one.");
  public static final Directive<Integer> CLUSTER_PORT =
      add(
          "cluster-port",
          port(),
          "0",
          AT_START,
          NODE,
          "Port to listen on for peers, where something between maps it; 0: as in cluster-members.");
  public static final Directive<Boolean> CLUSTER_BOOTSTRAP =
      add(
          "cluster-bootstrap",
          yesNo(),
          "no",
          AT_START,
          NODE,
          "Whether an empty directory may become a member of a new cluster.");
  public static final Directive<Boolean> CLUSTER_JOIN =
      add(
          "cluster-join",
          yesNo(),
          "no",
          AT_START,
          NODE,
          "Whether an empty directory may wait for a cluster's leader to find it, after RAFT ADD.");
  public static final Directive<Boolean> CLUSTER_ALLOW_CROSS_SLOT =
      add(
          "cluster-allow-cross-slot",
          yesNo(),
          "no",
          LIVE,
          NODE,
          "Whether the redirect port takes commands whose keys lie in several slots.");
  public static final Directive<Integer> ELECTION_TIMEOUT_MS =
      add(
          "election-timeout-ms",
          integer(10, 600_000),
          "300",
          AT_START,
          CLUSTER,
          "Milliseconds without a leader after which a follower stands for election.");
  public static final Directive<Integer> HEARTBEAT_MS =
      add(
          "heartbeat-ms",
          integer(1, 60_000),
          "50",
          AT_START,
          CLUSTER,
          "Milliseconds between a leader's signs of life.");
  public static final Directive<Integer> LEADER_WAIT_MS =
      add(
          "leader-wait-ms",
          integer(0, 600_000),
          "1500",
          LIVE,
          NODE,
          "Milliseconds that a request waits for a leader before CLUSTERDOWN.");

  public static final Directive<String> READ_MODE =
      add(
          "read-mode",
          ValueType.choice(LINEARIZABLE, LEASE),
          LINEARIZABLE,
          LIVE,
          NODE,
          "How this node, when it leads, makes sure of reads: by a round of a majority, or for a time"
              + " after one without.");
  public static final Directive<String> FOLLOWER_READS =
      add(
          "follower-reads",
          ValueType.choice("forward", READ_INDEX),
          "forward",
          LIVE,
          NODE,
          "Whether a follower's proxy port forwards reads to the leader, or only asks it how far to"
              + " apply, and answers itself.");
  public static final Directive<Integer> READ_STALENESS_MAX =
      add(
          "read-staleness-max",
          integer(0, 86_400_000),
          "0",
          LIVE,
          NODE,
          "Milliseconds that what a follower answers after READONLY may be old; 0: no bound.");

  public static final Directive<Integer> ASOF_MAX_WAIT =
      add(
          "asof-max-wait",
          integer(0, 600_000),
          "1000",
          LIVE,
          NODE,
          "Milliseconds that a read waits for a moment that this node has not reached.");

  public static final Directive<Integer> LONG_READ_MAX_MS =
      add(
          "long-read-max-ms",
          integer(1, 3_600_000),
          "30000",
          LIVE,
          NODE,
          "Milliseconds that a read of very many rows may take, until it ends with an error.");

  // Security.

  public static final Directive<Boolean> PROTECTED_MODE =
      add(
          "protected-mode",
          yesNo(),
          "yes",
          LIVE,
          NODE,
          "Whether clients from elsewhere are refused while there is no password.");
  public static final Directive<String> REQUIREPASS =
      add(
          "requirepass",
          text("PASSWORD"),
          "",
          LIVE,
          NODE,
          "Password of the user default; empty: none.");
  public static final Directive<Boolean> PEER_INSECURE =
      add(
          "peer-insecure",
          yesNo(),
          "no",
          AT_START,
          NODE,
          "Whether members may talk beyond loopback without TLS.");

  // Limits.

  public static final Directive<Long> PROTO_MAX_BULK_LEN =
      add(
          "proto-max-bulk-len",
          ValueType.memory(1024 * 1024, Integer.MAX_VALUE),
          "512mb",
          LIVE,
          NODE,
          "Bytes of the longest argument.");
  public static final Directive<Long> CLIENT_QUERY_BUFFER_LIMIT =
      add(
          "client-query-buffer-limit",
          ValueType.memory(1024 * 1024, NO_LIMIT),
          "1gb",
          LIVE,
          NODE,
          "Bytes of a client's requests that may wait.");
  public static final Directive<OutputLimits> CLIENT_OUTPUT_BUFFER_LIMIT =
      add(
          "client-output-buffer-limit",
          ValueType.outputLimits(),
          "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60",
          LIVE,
          NODE,
          "Bytes of replies that may wait for a client, by class.");
  public static final Directive<Integer> IO_THREADS =
      add(
          "io-threads",
          integer(0, 128),
          "0",
          AT_START,
          NODE,
          "Event loops for clients; 0: by the processors.");

  // Storage.

  public static final Directive<String> DIR =
      add("dir", text("PATH"), "./data", AT_START, NODE, "Directory of log and state.");
  public static final Directive<Long> LOG_MAX_BYTES =
      add(
          "log-max-bytes",
          ValueType.memory(1024 * 1024, NO_LIMIT),
          "256mb",
          AT_START,
          NODE,
          "Bytes of log kept for followers that lag, before they need a snapshot.");
  public static final Directive<Long> SNAPSHOT_MAX_RATE =
      add(
          "snapshot-max-rate",
          ValueType.memory(0, NO_LIMIT),
          "100mb",
          AT_START,
          NODE,
          "Bytes a second of snapshots that this node sends to peers; 0 is no limit.");
  public static final Directive<Long> LOG_MAP_SIZE =
      add(
          "log-map-size",
          ValueType.memory(16 * 1024 * 1024, NO_LIMIT),
          "16gb",
          AT_START,
          NODE,
          "Most that the log may take on disk.");
  public static final Directive<Long> STATE_MAP_SIZE =
      add(
          "state-map-size",
          ValueType.memory(16 * 1024 * 1024, NO_LIMIT),
          "64gb",
          AT_START,
          NODE,
          "Most that the state and its history may take on disk.");
  public static final Directive<Long> OVERLAY_MAX_BYTES =
      add(
          "overlay-max-bytes",
          ValueType.memory(1024 * 1024, NO_LIMIT),
          "128mb",
          AT_START,
          NODE,
          "Bytes of writes kept in memory until a checkpoint; writes wait when it is full.");

  public static final Directive<Long> DISK_MIN_FREE =
      add(
          "disk-min-free",
          ValueType.memory(0, NO_LIMIT),
          "256mb",
          LIVE,
          NODE,
          "Bytes of disk below which a leader takes no data, only deletes and reads; 0: no limit.");
  public static final Directive<Integer> SCRUB_INTERVAL =
      add(
          "scrub-interval",
          integer(0, Integer.MAX_VALUE),
          "86400",
          LIVE,
          NODE,
          "Seconds from one check of all rows of the state to the next; 0: none.");
  public static final Directive<Integer> DISK_STALL_MAX_MS =
      add(
          "disk-stall-max-ms",
          integer(10, 600_000),
          "1000",
          AT_START,
          NODE,
          "Milliseconds that a write to the log may take, before a leader hands over to another.");

  // What is logged.

  public static final Directive<String> LOGFILE =
      add(
          "logfile",
          text("PATH"),
          "",
          AT_START,
          NODE,
          "File for messages; empty: standard output.");
  public static final Directive<String> LOGLEVEL =
      add(
          "loglevel",
          ValueType.choice("debug", "verbose", "notice", "warning"),
          "notice",
          LIVE,
          NODE,
          "Which messages are written.");
  public static final Directive<Integer> SLOWLOG_LOG_SLOWER_THAN =
      add(
          "slowlog-log-slower-than",
          integer(-1, Integer.MAX_VALUE),
          "10000",
          LIVE,
          NODE,
          "Microseconds from which SLOWLOG keeps a command; -1: none.");
  public static final Directive<Integer> SLOWLOG_MAX_LEN =
      add(
          "slowlog-max-len",
          integer(0, 100_000),
          "128",
          LIVE,
          NODE,
          "Commands that SLOWLOG keeps.");

  // What clients and tools ask for. These have one value.

  public static final Directive<Integer> DATABASES =
      add(
          "databases",
          integer(1, 1024),
          "16",
          FIXED,
          CLUSTER,
          "Databases that SELECT can choose; a state is made with so many.");
  public static final Directive<String> SAVE =
      add(
          "save",
          text("RULES"),
          "",
          FIXED,
          NODE,
          "No save points: state is checkpointed all the time.");
  public static final Directive<String> APPENDONLY =
      add("appendonly", text("yes"), "yes", FIXED, NODE, "Every write is logged.");
  public static final Directive<String> APPENDFSYNC =
      add(
          "appendfsync",
          text("always"),
          "always",
          FIXED,
          NODE,
          "Every write is on the disks of a majority before it is answered.");
  public static final Directive<String> MAXMEMORY =
      add("maxmemory", text("0"), "0", FIXED, NODE, "Data lies on disk; memory does not bound it.");
  public static final Directive<String> MAXMEMORY_POLICY =
      add("maxmemory-policy", text("noeviction"), "noeviction", FIXED, NODE, "Nothing is evicted.");
  public static final Directive<String> REPLICA_READ_ONLY =
      add(
          "replica-read-only",
          text("yes"),
          "yes",
          FIXED,
          NODE,
          "A follower takes no writes of its own.");
  public static final Directive<String> SLAVE_READ_ONLY =
      add("slave-read-only", text("yes"), "yes", FIXED, NODE, "The old name of replica-read-only.");
  public static final Directive<String> MIN_REPLICAS_TO_WRITE =
      add("min-replicas-to-write", text("0"), "0", FIXED, NODE, "A majority is always needed.");
  public static final Directive<String> DAEMONIZE =
      add("daemonize", text("no"), "no", FIXED, NODE, "The node runs in the foreground.");
  public static final Directive<String> LATENCY_TRACKING =
      add("latency-tracking", text("yes"), "yes", FIXED, NODE, "Latencies are always measured.");
  public static final Directive<String> LATENCY_MONITOR_THRESHOLD =
      add("latency-monitor-threshold", text("0"), "0", FIXED, NODE, "No latency events are kept.");

  /** All directives in the order of the documentation. */
  public static Collection<Directive<?>> all() {
    return Collections.unmodifiableCollection(ALL.values());
  }

  /** The directive with a name, in any case. */
  public static @Nullable Directive<?> named(String name) {
    return ALL.get(name.toLowerCase(Locale.ROOT));
  }

  private static <T> Directive<T> add(
      String name,
      ValueType<T> type,
      String defaultWords,
      Directive.Change change,
      Directive.Scope scope,
      String help) {
    Directive<T> directive = new Directive<>(name, type, defaultWords, change, scope, help);
    ALL.put(name, directive);
    return directive;
  }

  private static ValueType<Integer> port() {
    return integer(0, 65_535);
  }

  private static ValueType<Integer> integer(int min, int max) {
    return ValueType.integer(min, max);
  }

  private static ValueType<Boolean> yesNo() {
    return ValueType.yesNo();
  }

  private static ValueType<String> text(String placeholder) {
    return ValueType.text(placeholder);
  }
}
