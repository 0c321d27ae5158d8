package heartwood.tests.history;

import org.jspecify.annotations.Nullable;

/**
 * One request of one client, from sending it to hearing of it. Immutable.
 *
 * @param client whose operations that overlap were sent over one connection, in this order
 * @param key the object: a key, or a field of a hash
 * @param argument what is written; null where nothing is
 * @param result what was told, null if nothing was or there was nothing
 * @param invokeNanos when it was sent, since the history began
 * @param completeNanos when its reply was there, or it was given up
 */
public record Operation(
    int client,
    String key,
    Kind kind,
    @Nullable String argument,
    Outcome outcome,
    @Nullable String result,
    long invokeNanos,
    long completeNanos) {

  public Operation {
    if (completeNanos < invokeNanos) {
      throw new IllegalArgumentException(
          "completed at " + completeNanos + ", before it was invoked at " + invokeNanos);
    }
  }

  boolean isOk() {
    return outcome == Outcome.OK;
  }

  /** As a person reads it: milliseconds, client, what was asked and what was told. */
  public String sentence() {
    String told =
        switch (outcome) {
          case OK -> result == null ? kind.isRead() ? "nothing" : "ok" : result;
          case NOT_EXECUTED -> "not executed";
          case UNKNOWN -> "unknown";
        };
    return String.format(
        "%12.3f … %12.3f ms  client %-3d %s%s: %s",
        invokeNanos / 1e6,
        completeNanos / 1e6,
        client,
        kind,
        argument == null ? "" : " " + argument,
        told);
  }
}
