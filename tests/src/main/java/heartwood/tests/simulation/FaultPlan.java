package heartwood.tests.simulation;

/**
 * How one run is disturbed: swarm testing gives every seed its own mixture, since faults that are
 * always on hide what happens without them. Immutable; probabilities are per message, write, node
 * and fault interval as named.
 *
 * @param voterCount 1 to 5
 * @param learnerCount 0 or 1
 * @param spareCount further nodes, which nobody has told of the cluster
 * @param changeChance per fault interval, of an asked change of the membership
 * @param lossChance of a message
 * @param duplicateChance of a message
 * @param isReordering whether messages of one link may overtake each other
 * @param maxDelayMicros one way, of a message
 * @param partitionChance per fault interval, of cutting links
 * @param isAsymmetric whether cuts may be of one direction only
 * @param crashChance per node and fault interval
 * @param crashAtWriteChance per write, before, within or after it
 * @param writeFailureChance per write, of an error that poisons the log
 * @param maxDiskMicros of one write
 * @param stallChance per node and fault interval, of a disk that stands still for a while
 * @param pauseChance per node and fault interval, of a process that stands still
 * @param driftPercent how much slower or faster than the others a node's clock may run
 * @param maxLogBytes beyond this a node compacts its log
 * @param maxCheckpointMicros between two checkpoints of the state
 * @param leaderFaultChance per fault interval, of a leader that is cut off, killed, paused or
 *     stalled
 * @param transferChance per fault interval, of an asked change of leader
 * @param payloadBytes of a write, at most
 * @param hasClientLoop whether clients have an event loop of their own
 * @param further faults
 * @param aimed faults
 */
record FaultPlan(
    int voterCount,
    int learnerCount,
    int spareCount,
    double changeChance,
    double lossChance,
    double duplicateChance,
    boolean isReordering,
    long maxDelayMicros,
    double partitionChance,
    boolean isAsymmetric,
    double crashChance,
    double crashAtWriteChance,
    double writeFailureChance,
    long maxDiskMicros,
    double stallChance,
    double pauseChance,
    int driftPercent,
    long maxLogBytes,
    long maxCheckpointMicros,
    double leaderFaultChance,
    double transferChance,
    int clientCount,
    int payloadBytes,
    int cacheBytes,
    boolean hasClientLoop,
    Further further,
    Aimed aimed) {
  /** By more than this clocks must not differ where leaders read by a lease. */
  static final int MAX_LEASE_DRIFT_PERCENT = 14;

  static final long MAX_PATIENCE_MICROS = 3_000_000;

  /** How long clients wait: less where a new leader is to be found before the old one is gone. */
  long maxPatienceMicros() {
    return aimed.isNothing() ? MAX_PATIENCE_MICROS : MAX_PATIENCE_MICROS / 20;
  }

  static FaultPlan draw(SimRandom random) {
    Aimed aimed = Aimed.draw(random);
    int[] voterCounts = {1, 2, 3, 3, 3, 3, 4, 5, 5};
    return new FaultPlan(
        random.chance(0.7)
            ? aimed.voterCountOr(voterCounts[random.below(voterCounts.length)])
            : voterCounts[random.below(voterCounts.length)],
        random.chance(0.2) ? 1 : 0,
        aimed.isEager() ? 2 : random.chance(0.5) ? random.below(4) : 0,
        some(random, 0.6),
        some(random, 0.2),
        some(random, 0.2),
        random.chance(0.6),
        random.between(
            100,
            random.chance(aimed.isNothing() ? 0.3 : 0)
                ? random.chance(0.3) ? 400_000 : 60_000
                : 5_000),
        some(random, 0.3),
        random.chance(0.5),
        some(random, 0.1),
        some(random, 0.01),
        some(random, 0.002),
        random.between(50, random.chance(0.3) ? 100_000 : 3_000),
        some(random, 0.1),
        some(random, 0.1),
        aimed.hasLeases()
            ? random.chance(0.5) ? MAX_LEASE_DRIFT_PERCENT : 0
            : random.chance(0.5) ? random.below(30) : 0,
        aimed.strandChance() > 0.2
            ? random.between(300, 2_000)
            : random.chance(0.3) ? 1 << 30 : random.between(1_000, 20_000),
        random.between(20_000, aimed.strandChance() > 0.2 ? 50_000 : 1_000_000),
        some(random, 0.5),
        some(random, 0.2),
        (int) random.between(aimed.isNothing() ? 1 : 4, 8),
        (int) random.between(1, random.chance(0.2) ? 5_000 : 200),
        random.chance(0.5) ? 1 << 20 : (int) random.between(0, 2_000),
        random.chance(0.5),
        Further.draw(random),
        aimed);
  }

  /**
   * More of them.
   *
   * @param bridgeChance per fault interval, of two sides that only one node can reach
   * @param clogChance per fault interval, of a link that holds everything back for a while
   * @param wipeChance per fault interval, of a disk that is lost for good with its number
   * @param clockSkewMillis how far wall clocks differ
   * @param clockJumpChance per node and fault interval, of a wall clock that is set
   * @param clockJumpMillis by how much at most, either way
   * @param stateFaultChance per commit of the state, of a crash around it or of a full disk
   * @param stateLossChance per crash, of a state whose last commit is absent
   * @param maxIntervalMicros between two occasions for faults
   * @param changesAtOnce how many changes of the membership are asked on an occasion
   * @param stateLostChance per crash, of a state that is not there any more, though the log is
   * @param hasWire whether messages are made to bytes and back; it is no fault, and costs time
   */
  record Further(
      double bridgeChance,
      double clogChance,
      double wipeChance,
      long clockSkewMillis,
      double clockJumpChance,
      long clockJumpMillis,
      double stateFaultChance,
      double stateLossChance,
      long maxIntervalMicros,
      int changesAtOnce,
      double stateLostChance,
      boolean hasWire) {
    static Further draw(SimRandom random) {
      return new Further(
          some(random, 0.2),
          some(random, 0.3),
          random.chance(0.3) ? 0.01 : 0,
          random.chance(0.5) ? random.skewedUpTo(100_000) : 0,
          some(random, 0.05),
          random.skewedUpTo(random.chance(0.2) ? 100_000_000 : 10_000),
          some(random, 0.02),
          some(random, 0.5),
          random.chance(0.5) ? 400_000 : random.between(40_000, 150_000),
          random.chance(0.3) ? 4 : 1,
          random.chance(0.2) ? 0.3 : 0,
          random.chance(0.2));
    }
  }

  /**
   * What {@link AimedFaults} does. A seed knows one of them, or all a little, or none.
   *
   * @param upstartChance per new leader
   * @param joinSplitChance per configuration with further voters
   * @param usurperChance per fault interval
   * @param lateAnswersChance per fault interval
   * @param strandChance per fault interval
   * @param isEager whether changes of the membership are asked for all the time
   * @param hasLeases whether leaders read by a lease, in any case
   */
  record Aimed(
      double upstartChance,
      double joinSplitChance,
      double usurperChance,
      double lateAnswersChance,
      double strandChance,
      boolean isEager,
      boolean hasLeases) {
    private static final Aimed NOTHING = new Aimed(0, 0, 0, 0, 0, false, false);

    static Aimed draw(SimRandom random) {
      return switch (random.below(10)) {
        case 0 -> new Aimed(0.5, 0, 0, 0, 0, false, false);
        case 1 -> new Aimed(0.1, 0.7, 0, 0, 0, true, false);
        case 2 -> new Aimed(0, 0, 0.5, 0, 0, false, true);
        case 3 -> new Aimed(0, 0, 0, 0.5, 0, false, false);
        case 4 -> new Aimed(0, 0, 0, 0, 0.5, false, false);
        case 5 -> new Aimed(0.1, 0.2, 0.1, 0.1, 0.1, true, false);
        default -> NOTHING;
      };
    }

    boolean isNothing() {
      return equals(NOTHING);
    }

    /** A voter that has missed a write is not elected, whatever others forget. */
    boolean isMostlyRead() {
      return usurperChance > 0.2;
    }

    /** With so many voters it shows best. */
    int voterCountOr(int any) {
      return upstartChance > 0.2 ? 5 : isNothing() ? any : 3;
    }

    /** Where it is a matter of time, there is some. */
    int minElectionTicks() {
      return usurperChance > 0.2 || lateAnswersChance > 0.2 ? 15 : 1;
    }
  }

  /** Half of the seeds know the fault, each in another measure. */
  private static double some(SimRandom random, double most) {
    return random.chance(0.5) ? most * random.between(1, 100) / 100 : 0;
  }
}
