package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A database as of a revision, as one node tells it: for each key its type, value and times of
 * expiry. Immutable.
 */
record PastDigest(int database, long revision, Map<String, List<Reply>> keys) {
  private static final int PAGE = 7;

  /** Asks a node; what it says must agree with itself. */
  static PastDigest of(RawConnection connection, int database, long revision) throws IOException {
    connection.call("SELECT", "" + database);
    String moment = "@" + revision;
    List<String> names = Replied.texts(connection.call("AT", moment, "KEYS", "*"));
    TreeMap<String, List<Reply>> keys = new TreeMap<>();
    List<String[]> commands = new ArrayList<>();
    for (String name : names) {
      keys.put(name, new ArrayList<>());
      commands.add(new String[] {"AT", moment, "TYPE", name});
      commands.add(new String[] {"AT", moment, "PEXPIRETIME", name});
    }
    List<Reply> replies = Replied.pipelined(connection, commands);
    for (int i = 0; i < names.size(); i++) {
      keys.get(names.get(i)).addAll(replies.subList(2 * i, 2 * i + 2));
    }
    assertThat(keys).as("names told twice at " + moment).hasSameSizeAs(names);
    addValues(connection, moment, keys);
    requireOneStory(connection, moment, keys);
    return new PastDigest(database, revision, keys);
  }

  private static void addValues(
      RawConnection connection, String moment, Map<String, List<Reply>> keys) throws IOException {
    List<String> hashes = new ArrayList<>();
    List<String[]> commands = new ArrayList<>();
    keys.forEach(
        (name, told) -> {
          boolean isHash = told.get(0).equals(new Reply.SimpleString("hash"));
          commands.add(new String[] {"AT", moment, isHash ? "HGETALL" : "GET", name});
          if (isHash) {
            hashes.add(name);
          }
        });
    List<Reply> values = Replied.pipelined(connection, commands);
    int i = 0;
    for (List<Reply> told : keys.values()) {
      told.add(values.get(i++));
    }
    commands.clear();
    for (String name : hashes) {
      List<String> fieldsAndValues = Replied.texts(keys.get(name).get(2));
      List<String> words = new ArrayList<>(List.of("AT", moment, "HPEXPIRETIME", name, "FIELDS"));
      words.add("" + fieldsAndValues.size() / 2);
      for (int field = 0; field < fieldsAndValues.size(); field += 2) {
        words.add(fieldsAndValues.get(field));
      }
      commands.add(words.toArray(String[]::new));
      commands.add(new String[] {"AT", moment, "HLEN", name});
    }
    List<Reply> times = Replied.pipelined(connection, commands);
    for (int hash = 0; hash < hashes.size(); hash++) {
      List<Reply> told = keys.get(hashes.get(hash));
      told.add(times.get(2 * hash));
      assertThat(Replied.number(times.get(2 * hash + 1)))
          .as("HLEN " + hashes.get(hash) + " " + moment)
          .isEqualTo(Replied.elements(told.get(2)).size() / 2);
    }
    keys.forEach(
        (name, told) -> {
          for (Reply reply : told) {
            assertThat(RawConnection.errorOf(reply)).as(name + " " + moment).isNull();
            assertThat(reply).as(name + " " + moment).isNotEqualTo(Reply.Null.BULK);
          }
        });
  }

  /** KEYS, SCAN and DBSIZE, and the times that are left, tell the same. */
  private static void requireOneStory(
      RawConnection connection, String moment, Map<String, List<Reply>> keys) throws IOException {
    assertThat(Replied.number(connection.call("AT", moment, "DBSIZE")))
        .as("DBSIZE " + moment)
        .isEqualTo(keys.size());
    TreeSet<String> scanned = new TreeSet<>();
    String cursor = "0";
    do {
      List<Reply> page =
          Replied.elements(connection.call("AT", moment, "SCAN", cursor, "COUNT", "" + PAGE));
      cursor = Replied.text(page.get(0));
      scanned.addAll(Replied.texts(page.get(1)));
    } while (!cursor.equals("0"));
    assertThat(scanned).as("SCAN " + moment).isEqualTo(keys.keySet());
    for (Map.Entry<String, List<Reply>> key : keys.entrySet()) {
      long expiry = Replied.number(key.getValue().get(1));
      List<Reply> left =
          Replied.elements(connection.call("AT", moment, "WITHREV", "PTTL", key.getKey()));
      long expected = expiry < 0 ? expiry : expiry - Replied.number(left.get(1));
      assertThat(Replied.number(left.get(2)))
          .as("PTTL " + key.getKey() + " " + moment)
          .isEqualTo(expected);
    }
  }
}
