package heartwood.server.dispatch;

/**
 * What the clients of one event loop have unanswered, in bytes of their commands. Each may have a
 * little; this bounds what all of them together may have. Confined to the loop.
 */
public final class Backlog {
  private final long limitBytes;
  private long bytes;

  public Backlog(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  void add(long more) {
    bytes += more;
  }

  void release(long less) {
    bytes -= less;
  }

  long bytes() {
    return bytes;
  }

  /** From here on nobody gets ahead: a client's next command waits until its last is answered. */
  boolean isCrowded() {
    return bytes >= limitBytes / 2;
  }

  /** From here on writes are refused: to wait would take memory that is not there. */
  boolean isFull() {
    return bytes >= limitBytes;
  }
}
