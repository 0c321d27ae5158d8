package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A command in a pipeline, and what its reply must be by then. Immutable.
 *
 * @param words the command
 * @param onReply holds the reply against the session, and moves the session on
 * @param onLost the connection ended before the reply
 */
record Step(List<String> words, BiConsumer<Session, Reply> onReply, Runner onLost) {
  /** What happens to a session. */
  interface Runner {
    void run(Session session);
  }

  private static final Runner NOTHING = session -> {};

  static Step ping(String text) {
    return new Step(
        List.of("PING", text),
        (session, reply) -> assertThat(reply).isEqualTo(Reply.BulkString.utf8(text)),
        NOTHING);
  }

  static Step select(int database) {
    return new Step(
        List.of("SELECT", "" + database),
        (session, reply) -> {
          assertThat(reply).isEqualTo(new Reply.SimpleString("OK"));
          session.select(database);
        },
        session -> session.select(database)); // What was sent behind it can only mean this one.
  }

  static Step hello(int version) {
    return new Step(
        List.of("HELLO", "" + version),
        (session, reply) -> {
          assertThat(reply).isInstanceOf(version == 3 ? Reply.MapReply.class : Reply.Array.class);
          session.hello(version);
        },
        NOTHING);
  }

  static Step set(String key, String value) {
    return new Step(
        List.of("SET", key, value),
        (session, reply) -> {
          Outcome outcome = Outcome.ofReply(reply);
          if (outcome == Outcome.ACKNOWLEDGED) {
            assertThat(reply).isEqualTo(new Reply.SimpleString("OK"));
          }
          session.register(key).onWrite(outcome, value);
        },
        session -> session.register(key).onWrite(Outcome.UNKNOWN, value));
  }

  static Step get(String key) {
    return new Step(
        List.of("GET", key),
        (session, reply) -> {
          if (wasRead(reply)) {
            session.register(key).onRead(session.textOf(reply));
          }
        },
        NOTHING);
  }

  static Step hset(String key, String value) {
    return new Step(
        List.of("HSET", key, "field", value),
        (session, reply) -> {
          Outcome outcome = Outcome.ofReply(reply);
          if (outcome == Outcome.ACKNOWLEDGED) {
            assertThat(reply).isInstanceOf(Reply.IntegerReply.class);
          }
          session.register(key).onWrite(outcome, value);
        },
        session -> session.register(key).onWrite(Outcome.UNKNOWN, value));
  }

  static Step hgetall(String key) {
    return new Step(
        List.of("HGETALL", key),
        (session, reply) -> {
          if (wasRead(reply)) {
            session.register(key).onRead(session.onlyFieldOf(reply));
          }
        },
        NOTHING);
  }

  static Step incr(String key) {
    return new Step(
        List.of("INCR", key),
        (session, reply) -> {
          Outcome outcome = Outcome.ofReply(reply);
          if (outcome == Outcome.ACKNOWLEDGED) {
            session.register(key).onCount(((Reply.IntegerReply) reply).value());
          } else if (outcome == Outcome.UNKNOWN) {
            session.register(key).onUnknownCount();
          }
        },
        session -> session.register(key).onUnknownCount());
  }

  /** A read is answered, or it did not happen: nothing is uncertain about it. */
  private static boolean wasRead(Reply reply) {
    Outcome outcome = Outcome.ofReply(reply);
    assertThat(outcome).as("outcome of a read").isNotEqualTo(Outcome.UNKNOWN);
    return outcome == Outcome.ACKNOWLEDGED;
  }
}
