package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.Configuration;
import heartwood.tests.history.HistoryChecker;
import heartwood.tests.history.Judgement;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Redis commands on a few keys of each type, some of which expire, and reads of their past. What
 * clients heard is judged at the end. Confined to the simulation.
 */
final class KeyspaceWorkload implements Workload {
  static final List<String> FIELDS = List.of("f0", "f1", "f2");

  /** Refusals: nothing was executed, nor will be. */
  private static final Set<String> REFUSALS =
      Set.of("MOVED", "CLUSTERDOWN", "LOADING", "OOM", "FUTURE", "COMPACTED");

  private static final int PAST_MOMENTS = 16;

  /** One history in some hundreds needs more, and then as much time as all the others. */
  private static final long MAX_CONFIGURATIONS = 100_000;

  private final Simulation simulation;
  private final SimRandom random;
  private final KeyspaceHistory history = new KeyspaceHistory();
  private final ExpiryWatch expiries = new ExpiryWatch();
  private final List<KeyspaceServer> servers = new ArrayList<>();
  private final List<SimNode> nodes = new ArrayList<>();
  private final List<KeyspaceClient> clients = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();

  /** Revisions that somebody was told of, to be asked again. */
  private final List<String> moments = new ArrayList<>();

  private long lastValueId;
  private long lastConnectionId;
  private long acknowledgedWrites;
  private long completedReads;

  KeyspaceWorkload(Simulation simulation, SimRandom random) {
    this.simulation = simulation;
    this.random = random;
  }

  KeyspaceServer server(SimNode node) {
    return servers.get(node.id().number() - 1);
  }

  @Override
  public SimServer server(SimNode node, Configuration configuration) {
    KeyspaceServer server = new KeyspaceServer(node, configuration, history, simulation);
    servers.add(server);
    nodes.add(node);
    return server;
  }

  @Override
  public User any() {
    return known(KeyspaceClient.any(simulation, this));
  }

  @Override
  public User probe() {
    return known(KeyspaceClient.probe(simulation, this));
  }

  private User known(KeyspaceClient client) {
    clients.add(client);
    return client;
  }

  @Override
  public long lastIndex() {
    return history.lastIndex();
  }

  @Override
  public long acknowledgedWrites() {
    return acknowledgedWrites;
  }

  @Override
  public long completedReads() {
    return completedReads;
  }

  long nextConnectionId() {
    return ++lastConnectionId;
  }

  boolean isRefusal(String word) {
    return REFUSALS.contains(word);
  }

  /** The node that MOVED names. */
  SimNode nodeOf(String host) {
    for (SimNode node : nodes) {
      if (node.id().toString().equals(host)) {
        return node;
      }
    }
    throw new SimulationFailure("MOVED names a node, not " + host);
  }

  // ---- What is asked ----

  KeyspaceRequest someRequest(double readChance) {
    return random.chance(readChance) ? someRead() : someWrite();
  }

  private KeyspaceRequest someRead() {
    String number = Integer.toString(random.below(3));
    String field = FIELDS.get(random.below(FIELDS.size()));
    return switch (random.below(8)) {
      case 0 -> request(Kind.GET, "r" + number, KeyspaceRequest.Form.BULK, "GET", "r" + number);
      case 1 -> request(Kind.COUNT, "c" + number, KeyspaceRequest.Form.BULK, "GET", "c" + number);
      case 2 -> request(Kind.READ, "t" + number, KeyspaceRequest.Form.BULK, "GET", "t" + number);
      case 3 -> request(Kind.GET, "h." + field, KeyspaceRequest.Form.BULK, "HGET", "h", field);
      case 4 -> request(Kind.GET, "h", KeyspaceRequest.Form.HASH, "HGETALL", "h");
      case 5 ->
          request(
              Kind.GET,
              "r" + number,
              KeyspaceRequest.Form.WITH_REVISION,
              "AT",
              "now",
              "WITHREV",
              "GET",
              "r" + number);
      case 6 -> somePast("r" + number);
      default ->
          new KeyspaceRequest(
              List.of("GET", "e" + number), null, "e" + number, null, KeyspaceRequest.Form.BULK);
    };
  }

  private KeyspaceRequest somePast(String key) {
    if (moments.isEmpty()) {
      return request(Kind.GET, key, KeyspaceRequest.Form.BULK, "GET", key);
    }
    String moment = moments.get(random.below(moments.size()));
    return request(Kind.PAST, key, KeyspaceRequest.Form.BULK, "AT", moment, "GET", key);
  }

  private KeyspaceRequest someWrite() {
    String number = Integer.toString(random.below(3));
    String field = FIELDS.get(random.below(FIELDS.size()));
    String value = KeyspaceRequest.value(++lastValueId);
    return switch (random.below(10)) {
      case 0, 1 ->
          write(Kind.SET, "r" + number, value, KeyspaceRequest.Form.OK, "SET", "r" + number, value);
      case 2 -> request(Kind.DEL, "r" + number, KeyspaceRequest.Form.INTEGER, "DEL", "r" + number);
      case 3, 4 ->
          request(Kind.INCR, "c" + number, KeyspaceRequest.Form.INTEGER, "INCR", "c" + number);
      case 5 ->
          write(
              Kind.APPEND,
              "t" + number,
              value,
              KeyspaceRequest.Form.INTEGER,
              "APPEND",
              "t" + number,
              value);
      case 6 ->
          write(
              Kind.SET,
              "h." + field,
              value,
              KeyspaceRequest.Form.INTEGER,
              "HSET",
              "h",
              field,
              value);
      case 7 -> request(Kind.DEL, "h." + field, KeyspaceRequest.Form.INTEGER, "HDEL", "h", field);
      case 8 ->
          new KeyspaceRequest(
              List.of("SET", "e" + number, value, "PX", someTime()),
              null,
              "e" + number,
              value,
              KeyspaceRequest.Form.OK);
      default ->
          new KeyspaceRequest(
              List.of("PEXPIRE", "e" + number, someTime()),
              null,
              "e" + number,
              null,
              KeyspaceRequest.Form.INTEGER);
    };
  }

  private String someTime() {
    return Long.toString(1 + random.skewedUpTo(2_000));
  }

  private static KeyspaceRequest request(
      Kind kind, String key, KeyspaceRequest.Form form, String... words) {
    return new KeyspaceRequest(List.of(words), kind, key, null, form);
  }

  private static KeyspaceRequest write(
      Kind kind, String key, String value, KeyspaceRequest.Form form, String... words) {
    return new KeyspaceRequest(List.of(words), kind, key, value, form);
  }

  // ---- What is heard ----

  void onDone(KeyspaceRequest request, int client, String reply, long sentMicros) {
    long now = simulation.events().nowMicros();
    operations.addAll(request.operations(client, reply, sentMicros * 1000, now * 1000));
    String value = request.value();
    if (value != null) {
      history.onAcknowledged(value);
    }
    if (request.form() == KeyspaceRequest.Form.WITH_REVISION) {
      String moment = "@" + KeyspaceRequest.revision(reply);
      if (moments.size() < PAST_MOMENTS) {
        moments.add(moment);
      } else {
        moments.set(random.below(PAST_MOMENTS), moment);
      }
    }
    if (request.kind() == null && value != null) {
      expiries.onWritten(request.key(), value, now);
    } else if (request.kind() == null && !request.isWrite()) {
      expiries.onRead(request.key(), KeyspaceRequest.bulk(reply), sentMicros, now);
    }
    if (request.isWrite()) {
      acknowledgedWrites++;
    } else {
      completedReads++;
    }
  }

  void onFailed(KeyspaceRequest request, int client, Outcome outcome, long sentMicros) {
    long now = simulation.events().nowMicros();
    operations.addAll(request.failed(client, outcome, sentMicros * 1000, now * 1000));
    String value = request.value();
    if (value != null && outcome == Outcome.NOT_EXECUTED) {
      history.onNotExecuted(value);
    }
  }

  @Override
  public void judge(List<SimNode> all) {
    clients.forEach(KeyspaceClient::forsake);
    if (expiries.goneCount() > 0) {
      simulation.coverage().hit("value seen to be gone");
    }
    Judgement judgement = new HistoryChecker(MAX_CONFIGURATIONS).judge(operations);
    require(judgement.broken().isEmpty(), judgement.text());
    if (!judgement.open().isEmpty()) {
      simulation.coverage().hit("history undecided");
    }
  }
}
