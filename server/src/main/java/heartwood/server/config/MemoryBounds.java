package heartwood.server.config;

/**
 * What one command may take, by the memory of this process. A command is held several times on its
 * way, as it was received, in its entry, and as it goes to the peers or comes from them: a larger
 * one could end every node, one after the other. Constants.
 */
public final class MemoryBounds {
  private static final int SHARE = 16;

  /** A sixteenth of the heap; {@code proto-max-bulk-len} allows no more, whatever it says. */
  public static final int MAX_COMMAND_BYTES =
      (int) Math.min(Integer.MAX_VALUE - (1 << 20), Runtime.getRuntime().maxMemory() / SHARE);

  private MemoryBounds() {}
}
