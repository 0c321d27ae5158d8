package heartwood.tests.simulation;

/**
 * A client with one request at a time: it waits for the answer, for the failure, or until it gives
 * up and turns to another node. Confined to the simulation.
 */
final class RegisterClient implements Workload.User {
  private static final int KEYS = 4;

  private final Simulation simulation;
  private final RegisterWorkload workload;
  private final SimRandom random;
  private final EventQueue events;

  /** A reader stays with a leader that others have left: who else would see it serve the past? */
  private final double readChance;

  private final long patienceMicros;

  /** Per answer, of a client that turns to any node next. */
  private final double roamChance;

  private SimNode target;
  private boolean isActive;

  /** Of the latest request; an answer to an older one comes too late. */
  private long currentId;

  /** Answers since it began, of each sort: what the end of a run waits for. */
  private long writes;

  private long reads;

  /** A client like any. */
  static RegisterClient any(Simulation simulation, RegisterWorkload workload) {
    SimRandom random = simulation.random();
    return new RegisterClient(
        simulation,
        workload,
        simulation.someNode(),
        simulation.plan().aimed().isMostlyRead() && random.chance(0.6)
            ? 1
            : random.below(11) / 10.0,
        20_000 + random.skewedUpTo(simulation.plan().maxPatienceMicros()),
        random.chance(0.3) ? random.below(10) / 20.0 : 0);
  }

  /** A patient client that writes and reads: what it cannot do, the cluster cannot. */
  static RegisterClient probe(Simulation simulation, RegisterWorkload workload) {
    return new RegisterClient(
        simulation, workload, simulation.someLeader(), 0.5, FaultPlan.MAX_PATIENCE_MICROS, 0);
  }

  private RegisterClient(
      Simulation simulation,
      RegisterWorkload workload,
      SimNode target,
      double readChance,
      long patienceMicros,
      double roamChance) {
    this.simulation = simulation;
    this.workload = workload;
    this.random = simulation.random();
    this.events = simulation.events();
    this.target = target;
    this.readChance = readChance;
    this.patienceMicros = patienceMicros;
    this.roamChance = roamChance;
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

  private void ask() {
    if (!isActive) {
      return;
    }
    RegisterOperation operation =
        new RegisterOperation(
            simulation.nextOperationId(),
            anyKind(),
            random.below(KEYS),
            workload.history().completedIndex());
    currentId = operation.id;
    SimNode node = target;
    events.schedule(delayMicros(), () -> workload.server(node).request(operation, this));
    events.schedule(patienceMicros, () -> onGiveUp(operation));
  }

  private RegisterOperation.Kind anyKind() {
    if (random.chance(readChance)) {
      return RegisterOperation.Kind.READ;
    }
    return random.chance(0.5) ? RegisterOperation.Kind.WRITE : RegisterOperation.Kind.INCREMENT;
  }

  /** The node answers; the answer takes a while. */
  void reply(RegisterOperation operation, long index) {
    events.schedule(delayMicros(), () -> onReply(operation, index));
  }

  void replyFailed(RegisterOperation operation) {
    events.schedule(delayMicros(), () -> onGiveUp(operation));
  }

  private void onReply(RegisterOperation operation, long index) {
    if (operation.id != currentId) {
      return;
    }
    currentId = 0;
    workload.history().onCompleted(operation, index);
    if (operation.kind == RegisterOperation.Kind.READ) {
      reads++;
    } else {
      writes++;
    }
    if (random.chance(roamChance)) {
      target = random.chance(0.5) ? simulation.someLeader() : simulation.someNode();
    }
    next();
  }

  private void onGiveUp(RegisterOperation operation) {
    if (operation.id != currentId) {
      return;
    }
    currentId = 0;
    target = random.chance(0.7) ? simulation.someLeader() : simulation.someNode();
    next();
  }

  private void next() {
    boolean isRare = readChance < 1 && simulation.plan().aimed().isMostlyRead();
    events.schedule(random.skewedUpTo(isRare ? 600_000 : 40_000), this::ask);
  }

  private long delayMicros() {
    return random.between(20, 500);
  }
}
