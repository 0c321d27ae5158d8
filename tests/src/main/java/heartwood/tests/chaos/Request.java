package heartwood.tests.chaos;

import heartwood.resp.Reply;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import heartwood.tests.process.RawConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command, and what it means in a history. Immutable.
 *
 * @param key the object: the command's key, or key and field
 * @param argument what is written; of a read of the past its revision, null where the reply tells
 *     it
 */
record Request(String key, Kind kind, @Nullable String argument, List<String> words) {

  Request {
    argument = argument == null ? null : LongText.shorten(argument);
  }

  String[] command() {
    return words.toArray(String[]::new);
  }

  /** What a reply says of its command (DESIGN, "Certainty"). */
  static Outcome outcomeOf(Reply reply) {
    String error = RawConnection.errorOf(reply);
    if (error == null) {
      return Outcome.OK;
    }
    return error.startsWith("UNCERTAIN ") ? Outcome.UNKNOWN : Outcome.NOT_EXECUTED;
  }

  Operation told(int client, Reply reply, long invokeNanos, long completeNanos) {
    Outcome outcome = outcomeOf(reply);
    String written = argument;
    String result = null;
    if (outcome == Outcome.OK && reply instanceof Reply.Array withRevision) {
      written = "@" + ((Reply.IntegerReply) withRevision.elements().get(0)).value();
      result = resultOf(withRevision.elements().get(2));
    } else if (outcome == Outcome.OK) {
      result = resultOf(reply);
    }
    return new Operation(client, key, kind, written, outcome, result, invokeNanos, completeNanos);
  }

  /**
   * What an answer says of the present too: as of now is now, and in its order among all others.
   *
   * @return null if nothing
   */
  @Nullable Operation toldOfThePresent(Operation told) {
    boolean isOfNow = kind == Kind.PAST && argument == null && told.outcome() == Outcome.OK;
    return isOfNow
        ? new Operation(
            told.client(),
            key,
            Kind.GET,
            null,
            Outcome.OK,
            told.result(),
            told.invokeNanos(),
            told.completeNanos())
        : null;
  }

  Operation unanswered(int client, long invokeNanos, long completeNanos) {
    return new Operation(
        client, key, kind, argument, Outcome.UNKNOWN, null, invokeNanos, completeNanos);
  }

  private static @Nullable String resultOf(Reply reply) {
    if (reply instanceof Reply.BulkString bulk) {
      return LongText.shorten(bulk.value().utf8());
    }
    if (reply instanceof Reply.IntegerReply number) {
      return Long.toString(number.value());
    }
    if (reply instanceof Reply.Null || reply.equals(new Reply.SimpleString("OK"))) {
      return null;
    }
    throw new IllegalStateException("an answer that no command of ours has: " + reply);
  }
}
