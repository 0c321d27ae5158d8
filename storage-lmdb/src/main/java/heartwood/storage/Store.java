package heartwood.storage;

/**
 * The state that the log makes: ordered rows, each with the revision that wrote it.
 *
 * <p>One thread writes, the apply thread; what it commits is readable at once and durable later, by
 * a checkpoint: after a crash the state is the one of an earlier {@link #applied()} and the log is
 * replayed from there.
 */
public interface Store extends AutoCloseable {
  /** What LMDB takes, less eight bytes for a revision behind the key. */
  int MAX_KEY_BYTES = Tables.MAX_KEY_BYTES - 8;

  /**
   * Begins the one write transaction; only on the apply thread, the former one closed. The revision
   * is above every one committed.
   *
   * @param operation what {@link Past.Changes#operation} will say of it: 0 to 65535
   */
  WriteTxn write(long revision, int operation);

  /** The same for a revision that is not a command. */
  default WriteTxn write(long revision) {
    return write(revision, 0);
  }

  /**
   * A view of now for the apply thread; later commits of that thread show in it. Its rows' buffers
   * are valid until the next commit or {@link #applied(Applied)}.
   */
  ReadTxn read();

  /** What was, as far as it is remembered. Apply thread. */
  Past past();

  /**
   * Forgets what was before a revision: nobody can ask for it any more. Revisions that are not
   * committed yet count as the last one; a lower horizon than that of now changes nothing. The rows
   * go later. Apply thread, between transactions.
   */
  void raiseHorizon(long revision);

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
