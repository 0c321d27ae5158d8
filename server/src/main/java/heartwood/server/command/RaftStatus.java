package heartwood.server.command;

/**
 * Consensus on this node at one moment: the section Raft of INFO. Immutable.
 *
 * @param role leader, follower, candidate, pre-candidate or learner
 * @param stateDigest rolling hash of all that was written up to {@code appliedIndex}
 * @param pendingProposals entries that this leader appended and that are not committed
 * @param elections that this node stood for since it started
 * @param leaderChanges that it saw since it started
 * @param diskStalledMillis for how long its disk has kept a write that it should have done by now
 * @param damagedEntries of its log, which are being mended from other nodes
 * @param isStateLost it has a log and no state, until a snapshot has come
 */
public record RaftStatus(
    String role,
    long term,
    long firstLogIndex,
    long lastLogIndex,
    long commitIndex,
    long appliedIndex,
    long stateDigest,
    long durableIndex,
    long snapshotIndex,
    long logBytes,
    long pendingProposals,
    long elections,
    long leaderChanges,
    long diskStalledMillis,
    int damagedEntries,
    boolean isStateLost,
    Reads reads) {
  /**
   * How reads were made sure of, since the start.
   *
   * @param mode what a leader does: linearizable or lease
   * @param rounds questions to a majority that were answered
   * @param leased reads that this node, as a leader, served without
   * @param atFollower reads that it served as a follower, at an index that its leader told
   * @param refusedStale reads after READONLY that it refused, for its state was too old
   */
  public record Reads(String mode, long rounds, long leased, long atFollower, long refusedStale) {}
}
