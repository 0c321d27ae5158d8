package heartwood.server.command;

/**
 * How many nodes hold what a connection wrote, durably; or are wanted to. Immutable.
 *
 * @param ownDisks 1 if the leader's own disk is among them, else 0
 * @param followers how many of them there are
 */
public record Acknowledgements(long ownDisks, long followers) {
  /** Whether these are as many as others, or more. */
  public boolean cover(Acknowledgements others) {
    return ownDisks >= others.ownDisks && followers >= others.followers;
  }
}
