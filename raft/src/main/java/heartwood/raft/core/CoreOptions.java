package heartwood.raft.core;

/**
 * The core's numbers. Immutable: begin with {@link #DEFAULT}, and name what differs.
 *
 * @param electionTimeoutTicks a follower that hears no leader for this long, and up to as long
 *     again by chance, asks for votes (Raft §5.2)
 * @param heartbeatTicks how often a leader shows that it lives; well below the election timeout
 * @param maxAppendBytes of payloads in one AppendEntries; half a frame, so that it is one with the
 *     heads of small entries too
 * @param maxWindowBytes how much may be on its way to one follower
 * @param maxUncommittedBytes how much may wait for a majority before proposals are rejected
 */
public record CoreOptions(
    int electionTimeoutTicks,
    int heartbeatTicks,
    int maxAppendBytes,
    int maxWindowBytes,
    long maxUncommittedBytes) {
  public static final CoreOptions DEFAULT = new CoreOptions(30, 5, 1 << 19, 16 << 20, 256L << 20);

  public CoreOptions {
    if (heartbeatTicks < 1 || electionTimeoutTicks < 2 * heartbeatTicks) {
      throw new IllegalArgumentException(
          "election timeout ticks: "
              + electionTimeoutTicks
              + " (expected: at least twice the heartbeat ticks, "
              + heartbeatTicks
              + ")");
    }
  }

  /** The same with other times: they are checked together. */
  public CoreOptions withTimes(int electionTimeoutTicks, int heartbeatTicks) {
    return new CoreOptions(
        electionTimeoutTicks, heartbeatTicks, maxAppendBytes, maxWindowBytes, maxUncommittedBytes);
  }

  /** The same with other messages. */
  public CoreOptions withMaxAppendBytes(int maxAppendBytes) {
    return new CoreOptions(
        electionTimeoutTicks, heartbeatTicks, maxAppendBytes, maxWindowBytes, maxUncommittedBytes);
  }

  /** The same with more or less on its way to one follower. */
  public CoreOptions withMaxWindowBytes(int maxWindowBytes) {
    return new CoreOptions(
        electionTimeoutTicks, heartbeatTicks, maxAppendBytes, maxWindowBytes, maxUncommittedBytes);
  }

  /** The same with more or less that may wait for a majority. */
  public CoreOptions withMaxUncommittedBytes(long maxUncommittedBytes) {
    return new CoreOptions(
        electionTimeoutTicks, heartbeatTicks, maxAppendBytes, maxWindowBytes, maxUncommittedBytes);
  }
}
