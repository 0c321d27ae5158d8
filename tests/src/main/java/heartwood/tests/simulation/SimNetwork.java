package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.Message;
import heartwood.raft.message.MessageCodec;
import heartwood.raft.message.NodeId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * The links between nodes: messages are lost, doubled, late, out of order, or cut off in one
 * direction or both. Confined to the simulation.
 */
final class SimNetwork {
  /** For the trace, which makes text of it only when it is read. */
  private record Sent(NodeId to, Message message) {
    @Override
    public String toString() {
      return to + " " + message;
    }
  }

  private final Simulation simulation;
  private final FaultPlan plan;
  private final SimRandom random;
  private final EventQueue events;
  private final boolean[][] isCut;
  private final long[][] lastArrivalMicros;

  /** Until when a link holds back what it is given. */
  private final long[][] cloggedUntilMicros;

  SimNetwork(Simulation simulation, int nodeCount) {
    this.simulation = simulation;
    this.plan = simulation.plan();
    this.random = simulation.random();
    this.events = simulation.events();
    this.isCut = new boolean[nodeCount + 1][nodeCount + 1];
    this.lastArrivalMicros = new long[nodeCount + 1][nodeCount + 1];
    this.cloggedUntilMicros = new long[nodeCount + 1][nodeCount + 1];
  }

  void send(NodeId from, NodeId to, Message message) {
    simulation
        .trace()
        .add(from.number(), "sends to", new Sent(to, message), hashOf(message) * 31 + to.number());
    if (isCut[from.number()][to.number()]) {
      return;
    }
    if (simulation.isCalm()) {
      deliver(from, to, message);
      return;
    }
    if (!random.chance(plan.lossChance())) {
      deliver(from, to, message);
    }
    if (random.chance(plan.duplicateChance())) {
      deliver(from, to, message);
    }
  }

  private static long hashOf(Message message) {
    return message.getClass().getName().hashCode() * 31L + message.hashCode();
  }

  /** As it arrives: made anew from its bytes. */
  private static Message throughTheWire(Message message) {
    ByteBuffer bytes = ByteBuffer.allocate((int) MessageCodec.encodedBytes(message));
    MessageCodec.encode(message, bytes);
    Message decoded = MessageCodec.decode(bytes.flip());
    require(decoded.equals(message), () -> message + " arrives as it was sent, not as " + decoded);
    return decoded;
  }

  private void deliver(NodeId from, NodeId to, Message message) {
    long most =
        simulation.isCalm() ? Math.min(plan.maxDelayMicros(), 5_000) : plan.maxDelayMicros();
    long now = events.nowMicros();
    long freeMicros = Math.max(now, cloggedUntilMicros[from.number()][to.number()]);
    long arrival = freeMicros + 50 + random.skewedUpTo(most);
    if (!plan.isReordering()) {
      long[] last = lastArrivalMicros[from.number()];
      arrival = Math.max(arrival, last[to.number()]);
      last[to.number()] = arrival;
    }
    SimNode receiver = simulation.node(to);
    boolean hasWire = plan.further().hasWire();
    events.schedule(
        arrival - now,
        () -> {
          if (!isCut[from.number()][to.number()]) {
            receiver.receive(from, hasWire ? throughTheWire(message) : message);
          }
        });
  }

  /** Cuts the links between two sides drawn at random. */
  void partition() {
    int nodeCount = isCut.length - 1;
    cutAround(random.chance(0.5) ? 1 << random.below(nodeCount) : random.below(1 << nodeCount));
  }

  /** Cuts one node off. */
  void isolate(NodeId node) {
    cutAround(1 << (node.number() - 1));
  }

  /** One node reaches everybody; the others, of two sides, only their own. */
  void bridge() {
    int nodeCount = isCut.length - 1;
    int pivot = 1 + random.below(nodeCount);
    int side = random.below(1 << nodeCount);
    for (int from = 1; from <= nodeCount; from++) {
      for (int to = 1; to <= nodeCount; to++) {
        boolean isBetween = (side >> (from - 1) & 1) != (side >> (to - 1) & 1);
        if (isBetween && from != pivot && to != pivot) {
          cut(from, to);
        }
      }
    }
  }

  /** A link delivers nothing for a while, and then all. */
  void clog(long micros) {
    int nodeCount = isCut.length - 1;
    int from = 1 + random.below(nodeCount);
    int to = 1 + random.below(nodeCount);
    cloggedUntilMicros[from][to] = events.nowMicros() + micros;
  }

  /** Nobody's messages reach a node for a while, and then all. */
  void clogTo(NodeId node, long micros) {
    for (long[] row : cloggedUntilMicros) {
      row[node.number()] = events.nowMicros() + micros;
    }
  }

  /** Cuts what a node sends. */
  void mute(NodeId node) {
    for (int to = 1; to < isCut.length; to++) {
      if (to != node.number()) {
        cut(node.number(), to);
      }
    }
  }

  /** Cuts all links between a set of nodes and the others. */
  void split(Set<NodeId> side) {
    for (int from = 1; from < isCut.length; from++) {
      for (int to = 1; to < isCut.length; to++) {
        if (side.contains(new NodeId(from)) != side.contains(new NodeId(to))) {
          cut(from, to);
        }
      }
    }
  }

  /** Cuts the links between two nodes. */
  void part(NodeId one, NodeId other) {
    if (!one.equals(other)) {
      cut(one.number(), other.number());
      cut(other.number(), one.number());
    }
  }

  /** Keeps a node from hearing, from being heard, or both. */
  void cutOff(NodeId node, boolean isDeaf, boolean isMute) {
    for (int other = 1; other < isCut.length; other++) {
      if (other != node.number()) {
        isCut[other][node.number()] |= isDeaf;
        isCut[node.number()][other] |= isMute;
      }
    }
  }

  /** Cuts what crosses the border of a set of nodes, or only what leaves it. */
  private void cutAround(int side) {
    int nodeCount = isCut.length - 1;
    boolean oneWay = plan.isAsymmetric() && random.chance(0.5);
    for (int from = 1; from <= nodeCount; from++) {
      for (int to = 1; to <= nodeCount; to++) {
        boolean isInside = (side >> (from - 1) & 1) == 1;
        boolean isBetween = isInside != ((side >> (to - 1) & 1) == 1);
        if (isBetween && (isInside || !oneWay)) {
          cut(from, to);
        }
      }
    }
  }

  private void cut(int from, int to) {
    isCut[from][to] = true;
    if (random.chance(0.5)) {
      SimNode node = simulation.node(new NodeId(from));
      events.schedule(random.between(0, 50_000), () -> node.unreachable(new NodeId(to)));
    }
  }

  void heal() {
    for (boolean[] row : isCut) {
      Arrays.fill(row, false);
    }
    for (long[] row : cloggedUntilMicros) {
      Arrays.fill(row, 0);
    }
  }
}
