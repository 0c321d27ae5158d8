package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.tests.process.PastNotes.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Asks every node of a cluster about the past, each by what it has itself, and fails where they
 * tell different stories, or one that does not fit together. Confined.
 */
final class PastJudge implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final ClusterRig rig;
  private final List<RawConnection> nodes = new ArrayList<>();
  private final long lastRevision;
  private long asked;

  /** Of the past up to now: all nodes have come so far, or this waits for them. */
  PastJudge(ClusterRig rig) throws IOException {
    this.rig = rig;
    rig.awaitAllAnswering();
    try (RawConnection leader = rig.connect(rig.awaitLeader())) {
      rig.awaitServing(leader);
      lastRevision = Replied.lastRevision(leader);
    }
    for (int node = 1; node <= rig.size(); node++) {
      RawConnection connection = rig.connect(node);
      nodes.add(connection);
      connection.call("READONLY");
      String[] last = {"AT", "@" + lastRevision, "DBSIZE"};
      Await.until(
          () -> "a node at @" + lastRevision + ": " + errorOf(connection, last),
          BOUND,
          () -> errorOf(connection, last) == null);
    }
  }

  private static @Nullable String errorOf(RawConnection connection, String... words) {
    try {
      return RawConnection.errorOf(connection.call(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long lastRevision() {
    return lastRevision;
  }

  /** How many questions were answered alike. */
  long asked() {
    return asked;
  }

  void select(int database) throws IOException {
    for (RawConnection node : nodes) {
      node.call("SELECT", "" + database);
    }
  }

  /** What all nodes answer. */
  Reply ask(String... words) throws IOException {
    Reply first = nodes.get(0).call(words);
    for (int i = 1; i < nodes.size(); i++) {
      Reply other = nodes.get(i).call(words);
      if (!first.equals(other)) {
        throw new AssertionError(
            String.join(" ", words)
                + ": node 1 says\n"
                + first
                + "\nand node "
                + (i + 1)
                + "\n"
                + other);
      }
    }
    asked++;
    return first;
  }

  PastDigest digest(int database, long revision) throws IOException {
    PastDigest first = PastDigest.of(nodes.get(0), database, revision);
    for (int i = 1; i < nodes.size(); i++) {
      assertThat(PastDigest.of(nodes.get(i), database, revision).keys())
          .as("node " + (i + 1) + ", database " + database + " @" + revision)
          .isEqualTo(first.keys());
    }
    asked++;
    return first;
  }

  /** What a client was told once is told still, by every node. */
  void requireStillTrue(List<Note> notes) throws IOException {
    for (Note note : notes) {
      select(note.database());
      List<String> words = new ArrayList<>(List.of("AT", note.moment()));
      words.addAll(note.command());
      assertThat(ask(words.toArray(String[]::new)))
          .as("database " + note.database() + ": " + words)
          .isEqualTo(note.reply());
    }
  }

  /** One event of a key's history. */
  record Event(
      long revision, long millis, String operation, String type, Reply value, long expiry) {
    static Event of(Reply reply) {
      List<Reply> parts = Replied.elements(reply);
      return new Event(
          Replied.number(parts.get(0)),
          Replied.number(parts.get(1)),
          Replied.text(parts.get(2)),
          Replied.text(parts.get(3)),
          parts.get(4),
          Replied.number(parts.get(5)));
    }
  }

  /** The last 1000 events of a key up to the last revision, the youngest first. */
  List<Event> history(int database, String... keyAndOptions) throws IOException {
    select(database);
    List<String> words = new ArrayList<>();
    words.add("HISTORY");
    words.addAll(List.of(keyAndOptions));
    words.addAll(List.of("TO", "@" + lastRevision, "COUNT", "1000"));
    Reply reply = ask(words.toArray(String[]::new));
    assertThat(RawConnection.errorOf(reply)).as(words.toString()).isNull();
    return Replied.elements(reply).stream().map(Event::of).toList();
  }

  /**
   * The histories of the keys, and of the fields of hashes, say of the moment what the digest says.
   */
  void requireHistoriesFit(PastDigest digest, Iterable<String> names) throws IOException {
    long stamp =
        Replied.number(
            Replied.elements(ask("AT", "@" + digest.revision(), "WITHREV", "DBSIZE")).get(1));
    for (String name : names) {
      List<Event> events = history(digest.database(), name);
      Event last =
          events.stream().filter(e -> e.revision() <= digest.revision()).findFirst().orElse(null);
      List<Reply> told = digest.keys().get(name);
      String where = name + " in database " + digest.database() + " @" + digest.revision();
      if (told == null) {
        boolean isGone =
            last == null
                || last.type().equals("none")
                || last.type().equals("hash")
                || (last.expiry() >= 0 && last.expiry() <= stamp);
        assertThat(isGone).as(where + " is gone, " + last).isTrue();
      } else if (last != null || events.size() < 1000) {
        assertThat(last).as(where + " is " + told + ": " + events).isNotNull();
        Event event = Objects.requireNonNull(last);
        assertThat(told.get(0)).as(where).isEqualTo(new Reply.SimpleString(event.type()));
        assertThat(told.get(1))
            .as("expiry of " + where)
            .isEqualTo(new Reply.IntegerReply(event.expiry()));
        if (event.type().equals("string")) {
          assertThat(told.get(2)).as(where).isEqualTo(event.value());
        } else {
          requireFieldHistoriesFit(digest, name, told);
        }
      }
    }
  }

  private void requireFieldHistoriesFit(PastDigest digest, String name, List<Reply> told)
      throws IOException {
    Map<String, Reply> values = new HashMap<>();
    List<Reply> flat = Replied.elements(told.get(2));
    for (int i = 0; i < flat.size(); i += 2) {
      values.put(Replied.text(flat.get(i)), flat.get(i + 1));
    }
    for (int i = 0; i < PastWriter.FIELDS; i++) {
      String field = "f" + i;
      List<Event> events = history(digest.database(), name, "FIELD", field);
      Event last =
          events.stream().filter(e -> e.revision() <= digest.revision()).findFirst().orElse(null);
      String where = name + " " + field + " in " + digest.database() + " @" + digest.revision();
      Reply value = values.get(field);
      if (value == null) {
        boolean isGone = last == null || !last.type().equals("hash") || last.expiry() >= 0;
        assertThat(isGone).as(where + " is gone, " + last).isTrue();
      } else if (last != null || events.size() < 1000) {
        assertThat(last).as(where + ": " + events).isNotNull();
        assertThat(Objects.requireNonNull(last).value()).as(where).isEqualTo(value);
      }
    }
  }

  /** TIMELINE DIFF tells what the difference of two digests tells. */
  void requireDiffFits(PastDigest first, PastDigest second, int pageSize) throws IOException {
    select(first.database());
    Map<String, String> told = new TreeMap<>();
    String cursor = "0";
    do {
      Reply reply =
          ask(
              "TIMELINE",
              "DIFF",
              "@" + first.revision(),
              "@" + second.revision(),
              "CURSOR",
              cursor,
              "COUNT",
              "" + pageSize);
      assertThat(RawConnection.errorOf(reply)).isNull();
      List<Reply> page = Replied.elements(reply);
      cursor = Replied.text(page.get(0));
      for (Reply each : Replied.elements(page.get(1))) {
        List<String> parts = Replied.texts(each);
        assertThat(told.put(parts.get(0), parts.get(1))).as("met twice: " + parts).isNull();
      }
    } while (!cursor.equals("0"));

    TreeSet<String> names = new TreeSet<>(first.keys().keySet());
    names.addAll(second.keys().keySet());
    names.addAll(told.keySet());
    for (String name : names) {
      List<Reply> before = first.keys().get(name);
      List<Reply> after = second.keys().get(name);
      String what =
          before == null
              ? after == null ? "nowhere" : "created"
              : after == null ? "deleted" : "changed";
      boolean mayBeSilent = before != null && before.equals(after);
      String said = told.get(name);
      if (said == null ? !mayBeSilent : !said.equals(what)) {
        throw new AssertionError(
            "DIFF @"
                + first.revision()
                + " @"
                + second.revision()
                + " of database "
                + first.database()
                + " says of "
                + name
                + " "
                + said
                + ", which is "
                + what
                + "\nbefore: "
                + before
                + "\nafter: "
                + after);
      }
    }
  }

  /** Waits until no node remembers a revision. */
  void awaitForgotten(long revision) {
    Await.until(
        () -> "@" + revision + " is forgotten\n" + rig.describe(),
        BOUND,
        () -> {
          for (RawConnection node : nodes) {
            String error = errorOf(node, "AT", "@" + revision, "DBSIZE");
            if (error == null || !error.startsWith("COMPACTED ")) {
              return false;
            }
          }
          return true;
        });
  }

  @Override
  public void close() {
    nodes.forEach(RawConnection::close);
  }
}
