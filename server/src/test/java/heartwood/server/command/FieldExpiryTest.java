package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.MapStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Fields of hashes that expire: what is stored, what is swept, and what answers depend on. */
class FieldExpiryTest {
  /** All but what speaks of the cluster and of databases. */
  private static final byte[] TABLES = {2, 3, 4, 6, 0x41};

  private static final long NOON = 1_700_000_000_000L;

  private final DataServer server = new DataServer();

  // What is stored.

  @Test
  void rowsStayAsTheyAre() { // a format on disk: this test may grow, its lines may not change
    call("HSET h f v g w");
    call("HPEXPIREAT h 1700000000999 FIELDS 1 f");
    call("HSET all f v");
    call("HPEXPIREAT all 1700000000999 FIELDS 1 f");

    assertThat(String.join("\n", server.store.dump()))
        .isEqualTo(
            """
            0101 0 010000000000000000000000000000000000000010
            010300000000 4 01000000000000000200000000000000000000000000000002
            02000000000f36b97e974366527ea7616c6c0000 4 \
            1212000000000000000200000000000000010000000000000001\
            0000018bcfe56be70000018bcfe56be7
            02000000002daea55d5db0a1b2a626680000 2 \
            1212000000000000000100000000000000020000000000000001\
            0000018bcfe56be70000018bcfe56be7
            0300000000000000010274d30d3ec4508c50670000 1 1077
            03000000000000000102ce0e5ae64535af57660000 2 110000018bcfe56be776
            030000000000000001030000018bcfe56be7ce0e5ae64535af57660000 2 01
            03000000000000000202ce0e5ae64535af57660000 4 110000018bcfe56be776
            030000000000000002030000018bcfe56be7ce0e5ae64535af57660000 4 01
            04000000000000018bcfe56be70f36b97e974366527ea7616c6c0000 4 0101
            06000000000000018bcfe56be70f36b97e974366527ea7616c6c0000 4 01
            06000000000000018bcfe56be72daea55d5db0a1b2a626680000 2 01
            4201 3 010000000000000003""");
  }

  @Test
  void aHashWithoutExpiriesCostsNoFurtherReads() {
    call("HSET h f v g w");

    assertThat(readsOf("EXISTS h")).isEqualTo(1);
    assertThat(readsOf("HLEN h")).isEqualTo(1);
    assertThat(readsOf("HGET h f")).isEqualTo(2);
    assertThat(readsOf("HGETALL h")).isEqualTo(1 + 3); // two fields and the end
    assertThat(readsOf("HSET h f v")).isEqualTo(2 + 1); // the dead queue
    assertThat(readsOf("DBSIZE")).isZero();
  }

  @Test
  void aHashOfWhichNoFieldIsDueIsCountedFromItsDirectoryRow() {
    call("HSET h f v g w");
    call("HPEXPIRE h 100 FIELDS 1 f");

    assertThat(readsOf("EXISTS h")).isEqualTo(1);
    assertThat(readsOf("HLEN h")).isEqualTo(1);
    assertThat(readsOf("HGET h f")).isEqualTo(2);
  }

  private long readsOf(String command) {
    long before = server.store.reads();
    call(command);
    return server.store.reads() - before;
  }

  @Test
  void whatKeysCostDoesNotDependOnHowManyFieldsExpire() {
    fill("h", 2000);
    call("HPEXPIRE h 1000 FIELDS 2000 " + fields(2000));
    server.sweepRows = 0;

    // Two directory rows, and one row each less and more in the two indexes of times.
    assertThat(writesOf("RENAME h g")).isEqualTo(2 + 4);
    // The directory row, the dead queue, two indexes, the counts.
    assertThat(writesOf("DEL g")).isEqualTo(5);
  }

  @Test
  void anExpiryIsWrittenInTheRevisionOfItsField() {
    call("HSET h f v g w");

    // The field, its expiry, the directory row, the index of hashes, the counts.
    assertThat(writesOf("HPEXPIRE h 100 FIELDS 1 f")).isEqualTo(5);
    // A later field changes neither the first expiry nor the counts.
    assertThat(writesOf("HSETEX h PX 200 FIELDS 1 i x")).isEqualTo(3);
    // The field, its expiry, the directory row.
    assertThat(writesOf("HPERSIST h FIELDS 1 i")).isEqualTo(3);
  }

  private int writesOf(String command) {
    List<String> writes = new ArrayList<>();
    server.store.recordWrites(writes);
    call(command);
    server.store.recordWrites(new ArrayList<>());
    return writes.size();
  }

  @Test
  void aCopyHasExpiriesOfItsOwn() {
    call("HSET h f v g w");
    call("HPEXPIRE h 100 FIELDS 1 f");
    call("COPY h copy");

    call("HPERSIST h FIELDS 1 f");
    server.stampMillis += 100;

    assertThat(call("HLEN h")).isEqualTo("2");
    assertThat(call("HLEN copy")).isEqualTo("1");
  }

  // What is due is not there, swept or not.

  @Test
  void randomFieldsAreDrawnFromThoseThatAreThere() {
    for (int size : new int[] {20, 3000}) {
      fill("h", size);
      call("HPEXPIRE h 10 FIELDS " + (size - 5) + " " + fields(size - 5));
      server.stampMillis += 10;

      assertThat(call("HLEN h")).isEqualTo("5");
      assertThat((List<?>) call("HRANDFIELD h 99")).hasSize(5).doesNotHaveDuplicates();
      assertThat((List<?>) call("HRANDFIELD h 3")).hasSize(3).doesNotHaveDuplicates();
      assertThat(new HashSet<>((List<?>) call("HRANDFIELD h -500"))).hasSize(5);
      call("DEL h");
    }
  }

  @Test
  void randomFieldsOfALargeHashAreNotThoseThatAreDue() {
    fill("h", 3000);
    call("HPEXPIRE h 10 FIELDS 1000 " + fields(1000));
    server.stampMillis += 10;

    List<Object> drawn = new ArrayList<>((List<?>) call("HRANDFIELD h -1000"));
    drawn.addAll((List<?>) call("HRANDFIELD h 100"));

    assertThat(drawn).hasSize(1100).allMatch(field -> field.toString().length() == 7); // "f1000"
  }

  @Test
  void aWalkOverAHashPassesOverWhatIsDue() {
    fill("h", 100);
    call("HPEXPIRE h 10 FIELDS 90 " + fields(90));
    server.stampMillis += 10;

    List<Object> met = new ArrayList<>();
    long cursor = 0;
    do {
      List<?> reply = (List<?>) call("HSCAN h " + cursor + " COUNT 7 NOVALUES");
      cursor = Long.parseLong(reply.get(0).toString().replace("\"", ""));
      met.addAll((List<?>) reply.get(1));
    } while (cursor != 0);

    assertThat(met).hasSize(10).doesNotHaveDuplicates();
  }

  @Test
  void aSampleThatMeetsOnlyWhatIsDueIsStillAnEstimate() {
    for (int last = 1; last < 9; last++) {
      fill("h", 9);
      call("HPEXPIRE h 10 FIELDS 8 " + fields(9).replaceFirst("f" + last + " ?", ""));
      server.stampMillis += 10;

      assertThat(call("MEMORY USAGE h SAMPLES 1")).asString().matches("[1-9]\\d*");
    }
  }

  @Test
  void keysWithAnExpiryAreCountedApartFromHashesThatGoWithTheirFields() {
    call("SET s v PX 100");
    call("HSET h f v");
    call("HPEXPIRE h 50 FIELDS 1 f");
    call("HSET both f v");
    call("HPEXPIRE both 50 FIELDS 1 f");
    call("PEXPIRE both 100");
    assertThat(sizes()).containsExactly(3, 2);

    server.stampMillis += 50;
    assertThat(sizes()).containsExactly(1, 1);
    server.sweepExpired(9);
    assertThat(sizes()).containsExactly(1, 1);
    server.reload();

    assertThat(sizes()).containsExactly(1, 1);
  }

  /** Keys, and those of them that have an expiry. */
  private long[] sizes() {
    server.keyspace.begin(server.store.read(), server.context());
    return new long[] {server.keyspace.size(0), server.keyspace.expiringSize(0)};
  }

  // Sweeping.

  @Test
  void aSweepDeletesTheEarliestFieldsFirstAcrossKeys() {
    call("HSET a keep v f v");
    call("HSET b keep v f v g v");
    call("HPEXPIRE b 10 FIELDS 1 f");
    call("HPEXPIRE a 20 FIELDS 1 f");
    call("HPEXPIRE b 90 FIELDS 1 g");
    server.stampMillis += 50;

    server.sweepExpired(1);
    assertThat(storedFields()).isEqualTo(4);
    assertThat(nextExpiry()).isEqualTo(NOON + 20);
    server.sweepExpired(1);
    assertThat(storedFields()).isEqualTo(3);
    assertThat(nextExpiry()).isEqualTo(NOON + 90);
    server.sweepExpired(1);

    assertThat(storedFields()).isEqualTo(3);
    assertThat(server.keyspace.expiredFieldCount()).isEqualTo(2);
  }

  @Test
  void aSweepOfOneHashGoesOnWhereItsBudgetEnded() {
    fill("h", 100);
    call("HPEXPIRE h 10 FIELDS 90 " + fields(90));
    server.stampMillis += 10;

    for (int fieldsLeft = 70; fieldsLeft >= 10; fieldsLeft -= 30) {
      assertThat(sweep(30)).isEqualTo(30);
      assertThat(storedFields()).isEqualTo(fieldsLeft);
      assertThat(call("HLEN h")).isEqualTo("10");
    }
    assertThat(sweep(30)).isZero();
    assertThat(server.store.rowsOf((byte) 6)).isZero();
  }

  @Test
  void theFirstExpiryIsThatOfAFieldThatStillHasIt() {
    call("HSET h a 1 b 2 c 3");
    call("HPEXPIRE h 10 FIELDS 1 a");
    call("HPEXPIRE h 20 FIELDS 1 b");
    call("HPEXPIRE h 30 FIELDS 1 c");

    call("HPERSIST h FIELDS 1 a");
    assertThat(nextExpiry()).isEqualTo(NOON + 20);
    call("HSET h b 2");
    assertThat(nextExpiry()).isEqualTo(NOON + 30);
    call("HDEL h c");
    assertThat(nextExpiry()).isEqualTo(Long.MAX_VALUE);
    assertThat(server.store.rowsOf((byte) 6)).isZero();
  }

  @Test
  void aDirectoryRowWithoutExpiriesSaysSo() {
    for (String command : List.of("HPERSIST h FIELDS 1 a", "HDEL h a", "SWEEP")) {
      call("DEL h");
      call("HSET h a 1 b 2");
      call("HPEXPIRE h 10 FIELDS 1 a");
      if (command.equals("SWEEP")) {
        server.stampMillis += 10;
        sweep(9);
      } else {
        call(command);
      }

      assertThat(server.store.dump())
          .as(command)
          .anyMatch(row -> row.startsWith("02") && row.endsWith("0".repeat(48)));
    }
  }

  @Test
  void aHashOfWhichAllIsDueIsSweptAsOneKey() {
    fill("h", 100);
    call("HPEXPIRE h 10 FIELDS 100 " + fields(100));
    server.stampMillis += 10;

    assertThat(sweep(30)).isEqualTo(1);
    server.sweepRows = 1000;
    server.endEntry();

    for (byte table : TABLES) {
      assertThat(server.store.rowsOf(table)).isZero();
    }
    assertThat(server.keyspace.expiredFieldCount()).isEqualTo(100);
    assertThat(server.keyspace.expiredCount()).isZero();
  }

  @Test
  void aSweptFieldIsAWriteBelowItsKey() {
    call("HSET h f v g w");
    call("HPEXPIRE h 10 FIELDS 1 f");
    server.stampMillis += 10;

    server.sweepExpired(9);

    server.keyspace.begin(server.store.read(), server.context());
    assertThat(server.keyspace.find(new byte[] {'h'}).version()).isEqualTo(server.revision);
  }

  @Test
  void whatIsWrittenOverADeadHashLeavesNothingOfIt() {
    for (String write : List.of("SET h v", "HSET h other v", "HSETNX h f v", "RENAME o h")) {
      call("SET o v");
      call("HSET h f v g w");
      call("HPEXPIRE h 10 FIELDS 2 f g");
      server.stampMillis += 10;

      call(write);
      call("DEL h o");
      server.sweepRows = 1000;
      server.endEntry();

      for (byte table : TABLES) {
        assertThat(server.store.rowsOf(table)).as("%s: table %d", write, table).isZero();
      }
    }
  }

  @Test
  void whatIsWrittenOverALivingHashHasNoExpiryOfItsFields() {
    String longValue = "x".repeat(5000);
    for (String write :
        List.of("SET h v", "SET h " + longValue, "COPY o h REPLACE", "RENAME o h")) {
      call("DEL h");
      call("SET o v");
      call("HSET h f v g w");
      call("HPEXPIRE h 10 FIELDS 2 f g");

      call(write);

      assertThat(server.store.rowsOf((byte) 4)).as(write).isZero();
      assertThat(server.store.rowsOf((byte) 6)).as(write).isZero();
      server.stampMillis += 10;
      assertThat(call("TYPE h")).as(write).isEqualTo("string");
    }
  }

  @Test
  void whoDeletesTheLastFieldThatLivesDeletesTheKey() {
    call("HSET h f v g w");
    call("HPEXPIRE h 10 FIELDS 1 f");
    server.stampMillis += 10;

    call("HDEL h g");

    assertThat(server.store.rowsOf((byte) 2)).isZero();
    assertThat(server.store.rowsOf((byte) 4)).isZero();
  }

  @Test
  void aSweepOfSeveralHashesStaysWithinItsBudget() {
    for (String key : List.of("a", "b")) {
      call("HSET " + key + " keep v f0 v f1 v f2 v");
      call("HPEXPIRE " + key + " 10 FIELDS 3 f0 f1 f2");
    }
    server.stampMillis += 10;

    assertThat(sweep(4)).isEqualTo(4);
    assertThat(storedFields()).isEqualTo(4);
    assertThat(sweep(4)).isEqualTo(2);
  }

  private int sweep(int budgetItems) {
    server.revision++;
    server.keyspace.begin(server.store.write(server.revision), server.context());
    int swept = server.keyspace.sweepExpired(budgetItems);
    server.keyspace.commit();
    server.endEntry();
    return swept;
  }

  private long nextExpiry() {
    server.keyspace.begin(server.store.read(), server.context());
    return server.keyspace.nextExpiry();
  }

  private long storedFields() {
    return server.store.dump().stream()
        .filter(row -> row.startsWith("03") && row.startsWith("02", 18))
        .count();
  }

  // What an answer depends on.

  @Test
  void aReadTellsTheSoonestFieldExpiryThatItDependedOn() {
    call("HSET h a 1 b 2 c 3");
    call("HPEXPIRE h 100 FIELDS 1 a");
    call("HPEXPIRE h 200 FIELDS 1 b");
    call("HSET all a 1 b 2");
    call("HPEXPIRE all 300 FIELDS 1 a");
    call("HPEXPIRE all 400 FIELDS 1 b");

    assertThat(soonestMetBy("HGET h c")).isEqualTo(Long.MAX_VALUE);
    assertThat(soonestMetBy("EXISTS h")).isEqualTo(Long.MAX_VALUE);
    assertThat(soonestMetBy("HGET h b")).isEqualTo(NOON + 200);
    assertThat(soonestMetBy("HMGET h c b a")).isEqualTo(NOON + 100);
    assertThat(soonestMetBy("HPEXPIRETIME h FIELDS 1 b")).isEqualTo(NOON + 200);
    assertThat(soonestMetBy("EXISTS all")).isEqualTo(NOON + 400);
    assertThat(soonestMetBy("DBSIZE")).isEqualTo(NOON + 400);
    assertThat(soonestMetBy("KEYS *")).isEqualTo(NOON + 400);
    for (String read : List.of("HLEN", "HGETALL", "HKEYS", "HVALS", "HRANDFIELD")) {
      assertThat(soonestMetBy(read + " h")).as(read).isEqualTo(NOON + 100);
    }
    assertThat(soonestMetBy("HSCAN h 0")).isEqualTo(NOON + 100);

    server.stampMillis += 100;
    assertThat(soonestMetBy("HLEN h")).isEqualTo(NOON + 200);
    assertThat(soonestMetBy("HGET h a")).isEqualTo(Long.MAX_VALUE);
    server.stampMillis += 300;
    assertThat(soonestMetBy("EXISTS all")).isEqualTo(Long.MAX_VALUE);
  }

  private long soonestMetBy(String command) {
    call(command);
    return server.keyspace.soonestExpiryMet();
  }

  @Test
  void onlyRemainingTimesNeedARecentStamp() {
    call("HSET h a 1 b 2");
    call("HPEXPIRE h 100 FIELDS 1 a");

    call("HPTTL h FIELDS 1 b");
    assertThat(server.keyspace.hasToldTime()).isFalse();
    call("HPEXPIRETIME h FIELDS 1 a");
    assertThat(server.keyspace.hasToldTime()).isFalse();
    call("HTTL h FIELDS 1 a");
    assertThat(server.keyspace.hasToldTime()).isTrue();
  }

  // The past.

  @Test
  void thePastReadsAsItWas() {
    RandomCommands commands = new RandomCommands(5);
    TreeMap<Integer, MapStore> states = new TreeMap<>();
    List<CommandContext> contexts = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      server.stampMillis += 3;
      call("HSET h" + i % 3 + " f" + i % 7 + " v");
      server.call(commands.timed());
      call("HPEXPIRE h" + i % 2 + " " + (1 + i % 60) + " FIELDS 2 f" + i % 5 + " f" + i % 7);
      if (i % 11 == 0) {
        server.sweepExpired(2);
      }
      server.stampMillis += i % 13;
      states.put(i, server.store.copy());
      contexts.add(server.context());
      answers.add(answers(server.executor, server.store, server.context()));
    }

    for (int i = 0; i < 300; i++) {
      Keyspace past = new Keyspace();
      MapStore store = requireNonNull(states.get(i));
      past.load(store.read());
      assertThat(answers(new CommandExecutor(past), store, contexts.get(i)))
          .as("state %d", i)
          .isEqualTo(answers.get(i));
    }
  }

  private static String answers(CommandExecutor executor, MapStore store, CommandContext context) {
    List<Object> answers = new ArrayList<>();
    for (String line :
        List.of(
            "DBSIZE",
            "KEYS *",
            "HGETALL h0",
            "HLEN h1",
            "TYPE h2",
            "HPTTL h0 FIELDS 2 f1 f2",
            "HRANDFIELD h1 -5",
            "HSCAN h2 0",
            "EXISTS h0 h1 h2")) {
      Arguments args = Arguments.of(CommandLine.parse(line));
      TreeSink sink = new TreeSink();
      KeyspaceCommand command = requireNonNull(DataServer.TABLE.lookup(args)).keyspaceCommand();
      executor.read(command, args, 0, store.read(), context, sink);
      answers.add(sink.take());
    }
    return answers.toString();
  }

  private void fill(String key, int fieldCount) {
    StringBuilder command = new StringBuilder("HSET " + key);
    for (int i = 0; i < fieldCount; i++) {
      command.append(" f").append(i).append(" v");
    }
    call(command.toString());
  }

  private static String fields(int count) {
    String[] names = new String[count];
    Arrays.setAll(names, i -> "f" + i);
    return String.join(" ", names);
  }

  private Object call(String line) {
    return server.call(CommandLine.parse(line));
  }
}
