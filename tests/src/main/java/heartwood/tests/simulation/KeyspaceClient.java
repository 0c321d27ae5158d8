package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.tests.history.Outcome;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A client with one connection at a time, over which it sends a few commands at once. It waits for
 * the replies, follows where it is sent, and gives up when that takes too long. Confined to the
 * simulation.
 */
final class KeyspaceClient implements Workload.User {
  private record Sent(KeyspaceRequest request, int client, long atMicros) {
    @Override
    public String toString() {
      return "connection " + client + " " + request + ", sent at " + atMicros;
    }
  }

  /** For the trace, which makes text of it only when it is read. */
  private record Answered(Sent sent, String reply) {
    @Override
    public String toString() {
      return sent + ": " + reply;
    }
  }

  private final Simulation simulation;
  private final KeyspaceWorkload workload;
  private final SimRandom random;
  private final EventQueue events;
  private final double readChance;
  private final long patienceMicros;
  private final int pipeline;
  private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();
  private SimNode target;
  private @Nullable SimConnection connection;

  /** The node at the other end of the connection; where MOVED points is the next one. */
  private SimNode connectedTo;

  private boolean isActive;
  private long round;
  private long writes;
  private long reads;

  /** A byte stream keeps its order, in both directions. */
  private long lastArrivalMicros;

  private long lastReturnMicros;

  static KeyspaceClient any(Simulation simulation, KeyspaceWorkload workload) {
    SimRandom random = simulation.random();
    return new KeyspaceClient(
        simulation,
        workload,
        simulation.someNode(),
        random.below(11) / 10.0,
        20_000 + random.skewedUpTo(simulation.plan().maxPatienceMicros()),
        random.chance(0.5) ? 1 : (int) random.between(2, 6));
  }

  static KeyspaceClient probe(Simulation simulation, KeyspaceWorkload workload) {
    return new KeyspaceClient(
        simulation, workload, simulation.someLeader(), 0.5, FaultPlan.MAX_PATIENCE_MICROS, 1);
  }

  private KeyspaceClient(
      Simulation simulation,
      KeyspaceWorkload workload,
      SimNode target,
      double readChance,
      long patienceMicros,
      int pipeline) {
    this.simulation = simulation;
    this.workload = workload;
    this.random = simulation.random();
    this.events = simulation.events();
    this.target = target;
    this.connectedTo = target;
    this.readChance = readChance;
    this.patienceMicros = patienceMicros;
    this.pipeline = pipeline;
  }

  @Override
  public void begin() {
    isActive = true;
    writes = 0;
    reads = 0;
    events.schedule(random.between(0, 50_000), this::ask);
  }

  @Override
  public void end() {
    isActive = false;
  }

  @Override
  public long writes() {
    return writes;
  }

  @Override
  public long reads() {
    return reads;
  }

  // ---- There ----

  private void ask() {
    if (!isActive) {
      return;
    }
    long mine = ++round;
    SimConnection open = connected();
    if (open == null) {
      lookElsewhere();
      return;
    }
    for (int left = pipeline; left > 0; left--) {
      send(open, workload.someRequest(readChance));
    }
    events.schedule(
        patienceMicros,
        () -> {
          if (mine == round) {
            giveUp();
          }
        });
  }

  private @Nullable SimConnection connected() {
    if (connection == null) {
      KeyspaceProcess process = workload.server(target).process();
      if (process != null) {
        connection = process.accept(workload.nextConnectionId(), this);
        connectedTo = target;
        lastArrivalMicros = 0;
        lastReturnMicros = 0;
      }
    }
    return connection;
  }

  private void send(SimConnection open, KeyspaceRequest request) {
    unanswered.addLast(new Sent(request, (int) open.id(), events.nowMicros()));
    lastArrivalMicros = Math.max(lastArrivalMicros, events.nowMicros() + delayMicros());
    SimNode node = connectedTo;
    events.schedule(
        lastArrivalMicros - events.nowMicros(),
        () -> {
          KeyspaceProcess process = workload.server(node).process();
          if (process != null && !open.isGone()) {
            process.receive(open, request.arguments());
          }
        });
  }

  // ---- And back ----

  /** The node has sent a reply, which takes a while. */
  void reply(SimConnection from, String text) {
    lastReturnMicros = Math.max(lastReturnMicros, events.nowMicros() + delayMicros());
    events.schedule(lastReturnMicros - events.nowMicros(), () -> onReply(from, text));
  }

  private void onReply(SimConnection from, String text) {
    Sent sent = from == connection ? unanswered.pollFirst() : null;
    if (sent == null) {
      return;
    }
    simulation.trace().add(from.nodeNumber(), "answers", new Answered(sent, text), text.hashCode());
    if (text.startsWith("-")) {
      onError(sent, text);
    } else {
      workload.onDone(sent.request(), sent.client(), text, sent.atMicros());
      if (sent.request().isWrite()) {
        writes++;
      } else {
        reads++;
      }
    }
    if (unanswered.isEmpty()) {
      round++;
      if (text.startsWith("-")) {
        lookElsewhere();
      } else {
        next();
      }
    }
  }

  /** The first word is the contract: unknown, or not executed. */
  private void onError(Sent sent, String text) {
    String word = text.substring(1).split(" ", 2)[0];
    simulation.coverage().hit("told " + word);
    if (word.equals("UNCERTAIN")) {
      fail(sent, Outcome.UNKNOWN);
      return;
    }
    require(
        workload.isRefusal(word),
        () -> sent + " is answered by what no client can understand: " + text);
    fail(sent, Outcome.NOT_EXECUTED);
    if (word.equals("MOVED")) {
      String host = text.substring(text.lastIndexOf(' ') + 1, text.lastIndexOf(':'));
      target = workload.nodeOf(host);
    }
  }

  private void fail(Sent sent, Outcome outcome) {
    workload.onFailed(sent.request(), sent.client(), outcome, sent.atMicros());
  }

  /** The node has died, or has closed the connection; the news takes a while. */
  void disconnected(SimConnection from) {
    lastReturnMicros = Math.max(lastReturnMicros, events.nowMicros() + delayMicros());
    events.schedule(
        lastReturnMicros - events.nowMicros(),
        () -> {
          if (from == connection) {
            giveUp();
          }
        });
  }

  private void giveUp() {
    SimConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
    forsake();
    round++;
    lookElsewhere();
  }

  /** Nothing more will be heard of what is unanswered. */
  void forsake() {
    for (Sent sent : unanswered) {
      fail(sent, Outcome.UNKNOWN);
    }
    unanswered.clear();
  }

  private void lookElsewhere() {
    // Where all is well, who asks again and again where nobody will ever lead is to blame itself.
    if (simulation.isCalm() || random.chance(0.5)) {
      target = random.chance(0.7) ? simulation.someLeader() : simulation.someNode();
    }
    SimConnection open = connection;
    if (open != null && target != connectedTo) {
      open.close();
      connection = null;
    }
    next();
  }

  private void next() {
    events.schedule(random.skewedUpTo(40_000), this::ask);
  }

  private long delayMicros() {
    return random.between(20, 500);
  }
}
