package heartwood.server.keyspace;

import java.util.concurrent.atomic.LongAdder;

/**
 * What reads found on this node, how many keys and fields expired, and what writes waited for.
 * Thread-safe.
 */
public final class KeyspaceCounters {
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder expiredKeys = new LongAdder();
  private final LongAdder expiredFields = new LongAdder();
  private final LongAdder checkpointWaits = new LongAdder();
  private final LongAdder checkpointWaitNanos = new LongAdder();

  /** A read looked so many keys up. */
  public void onRead(int found, int missed) {
    hits.add(found);
    misses.add(missed);
  }

  public void onExpired(long keys, long fields) {
    expiredKeys.add(keys);
    expiredFields.add(fields);
  }

  /** Applying waited until a checkpoint had made room. */
  public void onCheckpointWait(long nanos) {
    checkpointWaits.increment();
    checkpointWaitNanos.add(nanos);
  }

  public long checkpointWaits() {
    return checkpointWaits.sum();
  }

  public long checkpointWaitNanos() {
    return checkpointWaitNanos.sum();
  }

  public long hits() {
    return hits.sum();
  }

  public long misses() {
    return misses.sum();
  }

  public long expiredKeys() {
    return expiredKeys.sum();
  }

  public long expiredFields() {
    return expiredFields.sum();
  }

  public void reset() {
    hits.reset();
    misses.reset();
    expiredKeys.reset();
    expiredFields.reset();
    checkpointWaits.reset();
    checkpointWaitNanos.reset();
  }
}
