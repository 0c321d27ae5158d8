package heartwood.tests.simulation;

import heartwood.server.command.Arguments;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command of a client, and what its reply says of the objects that the judge knows. Immutable.
 *
 * @param words as sent
 * @param kind what it does to its object; null where {@link ExpiryWatch} looks at it
 * @param key the object: a key, or a field of a hash
 * @param value what it writes, which no other command writes; null: nothing
 * @param form of the reply
 */
record KeyspaceRequest(
    List<String> words, @Nullable Kind kind, String key, @Nullable String value, Form form) {
  /** What a reply looks like. */
  enum Form {
    OK,
    INTEGER,
    BULK,
    HASH,
    /** {@code [revision, milliseconds, reply]}. */
    WITH_REVISION
  }

  private static final String NIL = "$-1";

  /** Not within any other: pieces of a text are told apart by it. */
  static String value(long id) {
    return "v" + id + ".";
  }

  static boolean isValue(String word) {
    return word.startsWith("v") && word.endsWith(".");
  }

  Arguments arguments() {
    return Arguments.of(words.toArray(new String[0]));
  }

  boolean isWrite() {
    return kind == null ? !words.get(0).equals("GET") : !kind.isRead();
  }

  /** The value that a GET told; null: none. */
  static @Nullable String bulk(String reply) {
    return reply.equals(NIL) ? null : reply.substring(reply.indexOf(' ') + 1);
  }

  /** The revision of a reply with one. */
  static String revision(String reply) {
    return reply.split(" ", -1)[1].substring(1);
  }

  /** What the reply tells, as the judge's operations. */
  List<Operation> operations(int client, String reply, long invokeNanos, long completeNanos) {
    List<Operation> told = new ArrayList<>();
    if (kind == null) {
      return told;
    }
    switch (form) {
      case OK -> told.add(done(client, kind, key, value, null, invokeNanos, completeNanos));
      case INTEGER ->
          told.add(done(client, kind, key, value, reply.substring(1), invokeNanos, completeNanos));
      case BULK -> {
        String argument = kind == Kind.PAST ? words.get(1) : null;
        told.add(done(client, kind, key, argument, bulk(reply), invokeNanos, completeNanos));
      }
      case WITH_REVISION -> {
        String[] lines = reply.split(" ", 4);
        String result = bulk(lines[3]);
        String revision = "@" + lines[1].substring(1);
        told.add(done(client, Kind.GET, key, null, result, invokeNanos, completeNanos));
        told.add(done(client, Kind.PAST, key, revision, result, invokeNanos, completeNanos));
      }
      case HASH -> {
        List<String> lines = List.of(reply.split(" ", -1)); // *4 $2 f0 $5 value …
        for (String field : KeyspaceWorkload.FIELDS) {
          int at = lines.indexOf(field);
          String result = at < 0 ? null : lines.get(at + 2);
          told.add(
              done(client, Kind.GET, key + "." + field, null, result, invokeNanos, completeNanos));
        }
      }
    }
    return told;
  }

  private static Operation done(
      int client,
      Kind kind,
      String key,
      @Nullable String argument,
      @Nullable String result,
      long invokeNanos,
      long completeNanos) {
    return new Operation(
        client, key, kind, argument, Outcome.OK, result, invokeNanos, completeNanos);
  }

  /** A write that was not acknowledged. */
  List<Operation> failed(int client, Outcome outcome, long invokeNanos, long completeNanos) {
    return kind == null || kind.isRead()
        ? List.of()
        : List.of(
            new Operation(client, key, kind, value, outcome, null, invokeNanos, completeNanos));
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }
}
