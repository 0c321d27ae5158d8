package heartwood.server.keyspace;

import java.util.Arrays;

/**
 * That keys of some names are not remembered, from one revision to another: a setting had their
 * pattern. Versions that were born and died in between leave nothing, of the keys themselves, of
 * their elements and in the indexes of expiries; so no moment in between can be asked of them.
 *
 * <p>Immutable.
 *
 * @param fromRevision the one that set the pattern: nothing was lost that was there before it
 * @param untilRevision the one that took it away, or {@link #ACTIVE}
 * @param firstObjectId the first object that was born since
 */
record Exclusion(
    byte[] pattern, GlobPattern glob, long fromRevision, long untilRevision, long firstObjectId) {

  static final long ACTIVE = Long.MAX_VALUE;

  Exclusion(byte[] pattern, long fromRevision, long untilRevision, long firstObjectId) {
    this(pattern, new GlobPattern(pattern), fromRevision, untilRevision, firstObjectId);
  }

  boolean isActive() {
    return untilRevision == ACTIVE;
  }

  boolean hasPattern(byte[] other) {
    return Arrays.equals(pattern, other);
  }

  /** Whether a moment may lack something; of the last revision of all nothing is lost. */
  boolean hides(long revision, long lastRevision) {
    return revision >= fromRevision && revision < Math.min(untilRevision, lastRevision);
  }

  /** The pattern is no setting any more. */
  Exclusion endedIn(long revision) {
    return new Exclusion(pattern, glob, fromRevision, revision, firstObjectId);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Exclusion that
        && fromRevision == that.fromRevision
        && untilRevision == that.untilRevision
        && Arrays.equals(pattern, that.pattern);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pattern) + Long.hashCode(fromRevision);
  }
}
