package heartwood.server.replication;

import heartwood.server.command.CommandException;

/**
 * Ends a long read that nobody waits for, or that takes too long: {@link #run} is called for every
 * row. Confined to the thread that reads, but for {@link #end}.
 */
final class ReadLimit implements Runnable {
  static final String REPLACED =
      "CLUSTERDOWN The state of this node is being replaced, the command was not executed";

  /** To look at a clock for each row would cost as much as the row. */
  private static final int ROWS_A_LOOK = 256;

  private final Client client;
  private final long sinceNanos;
  private final long maxMillis;
  private int rows;
  private volatile boolean isEnded;

  /**
   * @param sinceNanos when it was asked, by {@link System#nanoTime}
   */
  ReadLimit(Client client, long sinceNanos, long maxMillis) {
    this.client = client;
    this.sinceNanos = sinceNanos;
    this.maxMillis = maxMillis;
  }

  /** The store will be closed: the read ends with its next rows. Any thread. */
  void end() {
    isEnded = true;
  }

  @Override
  public void run() {
    if (++rows % ROWS_A_LOOK == 0) {
      look();
    }
  }

  /**
   * Looks at once.
   *
   * @throws CommandException when the read must end
   */
  void look() {
    if (isEnded) {
      throw new CommandException(REPLACED);
    }
    if ((System.nanoTime() - sinceNanos) / 1_000_000 >= maxMillis) {
      throw new CommandException("ERR the read took longer than long-read-max-ms: " + maxMillis);
    }
    if (client.isGone()) {
      throw new CommandException("ERR the client has left");
    }
  }
}
