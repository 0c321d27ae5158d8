package heartwood.storage.lmdb;

/**
 * How an environment is opened. Immutable.
 *
 * @param mapSizeBytes the most that the environment may ever hold; address space, not disk: the
 *     file grows as it is written
 * @param maxReaders read transactions open at one time
 * @param readAhead whether the kernel reads beyond what was asked: good for a log, bad for random
 *     reads of a state that exceeds memory
 */
public record LmdbOptions(long mapSizeBytes, int maxReaders, boolean readAhead) {
  private static final long GIB = 1L << 30;

  /** For a log, which compaction keeps short. */
  public static LmdbOptions forLog() {
    return new LmdbOptions(16 * GIB, 256, true);
  }

  /** For a state, which many may read at a time. */
  public static LmdbOptions forState() {
    return new LmdbOptions(64 * GIB, 1024, false);
  }

  public LmdbOptions withMapSizeBytes(long bytes) {
    return new LmdbOptions(bytes, maxReaders, readAhead);
  }
}
