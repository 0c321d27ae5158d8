package heartwood.tests.simulation;

/**
 * A client with one request at a time: it waits for the answer, for the failure, or until it gives
 * up and turns to another node. Confined to the simulation.
 */
final class SimClient {
  private static final long GIVE_UP_MICROS = 3_000_000;
  private static final int KEYS = 4;

  private final Simulation simulation;
  private final SimRandom random;
  private final EventQueue events;

  private SimNode target;
  private boolean isActive;

  /** Of the latest request; an answer to an older one comes too late. */
  private long currentId;

  /** Answers since it began, of each sort: what the end of a run waits for. */
  private long writes;

  private long reads;

  SimClient(Simulation simulation, SimNode target) {
    this.simulation = simulation;
    this.random = simulation.random();
    this.events = simulation.events();
    this.target = target;
  }

  void begin() {
    isActive = true;
    writes = 0;
    reads = 0;
    events.schedule(random.between(0, 50_000), this::ask);
  }

  void end() {
    isActive = false;
  }

  long writes() {
    return writes;
  }

  long reads() {
    return reads;
  }

  private void ask() {
    if (!isActive) {
      return;
    }
    Operation.Kind[] kinds = Operation.Kind.values();
    Operation operation =
        new Operation(
            simulation.nextOperationId(),
            kinds[random.below(kinds.length)],
            random.below(KEYS),
            simulation.history().completedIndex());
    currentId = operation.id;
    SimNode node = target;
    events.schedule(delayMicros(), () -> node.request(operation, this));
    events.schedule(GIVE_UP_MICROS, () -> onGiveUp(operation));
  }

  /** The node answers; the answer takes a while. */
  void reply(Operation operation, long index) {
    events.schedule(delayMicros(), () -> onReply(operation, index));
  }

  void replyFailed(Operation operation) {
    events.schedule(delayMicros(), () -> onGiveUp(operation));
  }

  private void onReply(Operation operation, long index) {
    if (operation.id != currentId) {
      return;
    }
    currentId = 0;
    simulation.history().onCompleted(operation, index);
    if (operation.kind == Operation.Kind.READ) {
      reads++;
    } else {
      writes++;
    }
    next();
  }

  private void onGiveUp(Operation operation) {
    if (operation.id != currentId) {
      return;
    }
    currentId = 0;
    target = random.chance(0.7) ? simulation.someLeader() : simulation.someNode();
    next();
  }

  private void next() {
    events.schedule(random.skewedUpTo(40_000), this::ask);
  }

  private long delayMicros() {
    return random.between(20, 500);
  }
}
