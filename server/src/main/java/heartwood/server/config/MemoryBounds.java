package heartwood.server.config;

/**
 * What commands may take, by the memory of this process. A command is held several times on its
 * way, as it was received, in its entry, and as it goes to the peers or comes from them: a larger
 * one could end every node, one after the other. Constants.
 */
public final class MemoryBounds {
  private static final int SHARE = 16;
  private static final int BACKLOG_SHARE = 8;

  /** A sixteenth of the heap; {@code proto-max-bulk-len} allows no more, whatever it says. */
  public static final int MAX_COMMAND_BYTES =
      (int) Math.min(Integer.MAX_VALUE - (1 << 20), Runtime.getRuntime().maxMemory() / SHARE);

  /** An eighth of the heap: what all clients together may have unanswered. */
  public static final long MAX_BACKLOG_BYTES = Runtime.getRuntime().maxMemory() / BACKLOG_SHARE;

  private MemoryBounds() {}
}
