package heartwood.server.keyspace;

/**
 * The one source of time and chance for a command: the leader stamped both into the entry, so every
 * node computes the same bytes. A read gets the stamp of the last applied entry. Immutable.
 *
 * @param stampMillis milliseconds since 1970; never decreases along the log
 * @param seed what a command may draw randomness from
 * @param revision of this command; for a read, of the last command applied
 * @param clockMillis what a remaining time is counted from: the stamp, but for a read that is
 *     declared stale. Never before the stamp; nothing that is stored or visible depends on it
 */
public record CommandContext(long stampMillis, long seed, long revision, long clockMillis) {
  /** A command for which time is the log's alone. */
  public CommandContext(long stampMillis, long seed, long revision) {
    this(stampMillis, seed, revision, stampMillis);
  }
}
