package heartwood.storage;

/**
 * The state that the log makes: ordered rows, each with the revision that wrote it.
 *
 * <p>One thread writes, the apply thread; what it commits is readable at once and durable later, by
 * a checkpoint: after a crash the state is the one of an earlier {@link #applied()} and the log is
 * replayed from there.
 */
public interface Store extends AutoCloseable {
  int MAX_KEY_BYTES = 511;

  /**
   * Begins the one write transaction; only on the apply thread, the former one closed. The revision
   * is above every one committed.
   */
  WriteTxn write(long revision);

  /**
   * A view of now for the apply thread; later commits of that thread show in it. Its rows' buffers
   * are valid until the next commit or {@link #applied(Applied)}.
   */
  ReadTxn read();

  /** How far this state has been applied, writes that are not durable yet included. */
  Applied applied();

  /** How far the state has been applied that would survive a crash. Any thread. */
  Applied durable();

  /** Rolling hash over the write sets committed so far: equal on all nodes at equal index. */
  long digest();

  /**
   * Ends the application of an entry: only here a checkpoint may cut. No cursor may be open, and
   * the digest given is the one of {@link #digest()}. Apply thread.
   */
  void applied(Applied applied);

  @Override
  void close();
}
