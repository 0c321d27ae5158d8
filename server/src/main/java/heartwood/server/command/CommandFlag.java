package heartwood.server.command;

import java.util.Locale;

/** What COMMAND says of a command in one word; the names are Redis' own. */
public enum CommandFlag {
  WRITE,
  READONLY,
  DENYOOM,
  ADMIN,
  PUBSUB,
  NOSCRIPT,
  BLOCKING,
  LOADING,
  STALE,
  SKIP_MONITOR,
  SKIP_SLOWLOG,
  ASKING,
  FAST,
  NO_AUTH,
  MAY_REPLICATE,
  NO_MANDATORY_KEYS,
  NO_ASYNC_LOADING,
  NO_MULTI,
  /** Some of the keys are found only by looking at the arguments. Derived from the key specs. */
  MOVABLEKEYS,
  ALLOW_BUSY;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word in replies and in the command files. */
  public String word() {
    return word;
  }
}
