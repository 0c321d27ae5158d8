package heartwood.server.keyspace;

import java.util.concurrent.atomic.LongAdder;

/** What reads found on this node, and how many keys and fields expired. Thread-safe. */
public final class KeyspaceCounters {
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder expiredKeys = new LongAdder();
  private final LongAdder expiredFields = new LongAdder();

  /** A read looked so many keys up. */
  public void onRead(int found, int missed) {
    hits.add(found);
    misses.add(missed);
  }

  public void onExpired(long keys, long fields) {
    expiredKeys.add(keys);
    expiredFields.add(fields);
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
  }
}
