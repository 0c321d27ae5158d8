package heartwood.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What commands leave in the store, and what they cost it. */
class LayoutTest {
  private final DataServer server = new DataServer();

  @Test
  void rowsStayAsTheyAre() { // a format on disk: this test may grow, its lines may not change
    call("SET s 12");
    call("SET e 12 PXAT 1700000000999");
    call("APPEND r x");
    call("APPEND r y");
    call("HSET h f v");

    call("DEL e");

    assertThat(String.join("\n", server.store.dump()))
        .isEqualTo(
            """
            0101 0 010000000000000000000000000000000000000010
            010300000000 6 0100000000000000030000000000000000
            02000000000ef4ac281c00a2d339f0730000 1 11003132
            02000000001ed5033cf41871509d08720000 4 11087879
            02000000002daea55d5db0a1b2a626680000 5 120200000000000000010000000000000001
            03000000000000000102ce0e5ae64535af57660000 5 1076
            4201 5 010000000000000002""");
  }

  @Test
  void everyWriteBelowAKeyRewritesItsDirectoryRow() {
    call("HSET h f v");
    call("SET big " + "x".repeat(5000));

    call("HSET h f v");
    assertThat(directoryRowsBornAt(server.revision)).isEqualTo(1);

    call("SETRANGE big 3000 y");
    assertThat(directoryRowsBornAt(server.revision)).isEqualTo(1);
  }

  private long directoryRowsBornAt(long revision) {
    return server.store.dump().stream()
        .filter(row -> row.startsWith("02") && row.contains(" " + revision + " "))
        .count();
  }

  @Test
  void aKeysVersionIsTheRevisionThatWroteItLast() {
    call("HSET h f v");
    call("SET other v");
    call("HSET h f w");
    long written = server.revision;
    call("PEXPIREAT other 1700000000001");
    server.stampMillis += 1;

    server.keyspace.begin(server.store.read(), server.context());

    assertThat(server.keyspace.find(new byte[] {'h'}).version()).isEqualTo(written);
    assertThat(server.keyspace.find("other".getBytes(UTF_8)).version()).isZero();
  }

  @Test
  void deletingAHugeHashWritesTheSameAsDeletingASmallOne() {
    StringBuilder hset = new StringBuilder("HSET h");
    for (int i = 0; i < 2000; i++) {
      hset.append(" f").append(i).append(" v");
    }
    call(hset.toString());
    call("SELECT 1");
    call(hset.toString());
    call("SELECT 0");
    server.sweepRows = 0;

    // "+ 1" is the row of counts at the end of the entry.
    assertThat(writesOf("RENAME h g")).isEqualTo(2);
    assertThat(writesOf("PEXPIREAT g 1800000000000")).isEqualTo(2 + 1);
    assertThat(writesOf("DEL g")).isEqualTo(3 + 1);
    assertThat(writesOf("SWAPDB 0 1")).isEqualTo(2);
    assertThat(writesOf("FLUSHDB")).isEqualTo(3);
  }

  @Test
  void aChangeOfALongStringWritesOneChunk() {
    call("SET long " + "x".repeat(100_000));

    assertThat(writesOf("APPEND long y")).isEqualTo(2);
    assertThat(writesOf("SETRANGE long 50000 y")).isEqualTo(2);
    assertThat(writesOf("EXPIRE long 100")).isEqualTo(2 + 1);
    assertThat(writesOf("SETRANGE far 500000000 y")).isEqualTo(2 + 2);
    assertThat(call("STRLEN far")).isEqualTo("500000001");
    assertThat(call("GETRANGE far 499999998 -1")).isEqualTo("\"\\x00\\x00y\"");
  }

  @Test
  void aSetOfASmallStringWritesOneRow() {
    call("SET k v");

    assertThat(writesOf("SET k w")).isEqualTo(1);
  }

  private int writesOf(String command) {
    List<String> writes = new ArrayList<>();
    server.store.recordWrites(writes);
    call(command);
    return writes.size();
  }

  @Test
  void aScanMeetsEveryLastingKeyOnceWhileOthersComeAndGo() {
    for (int i = 0; i < 500; i++) {
      call("SET " + (i % 2 == 0 ? "{tag}" : "") + "lasting" + i + " v");
    }

    List<String> met = new ArrayList<>();
    long cursor = 0;
    int page = 0;
    do {
      call("SET passing" + page + " v");
      call("DEL passing" + (page - 3));
      List<?> reply = (List<?>) call("SCAN " + cursor + " COUNT 7");
      cursor = Long.parseLong(reply.get(0).toString().replace("\"", ""));
      ((List<?>) reply.get(1)).forEach(key -> met.add(key.toString()));
      page++;
      assertThat(cursor).isLessThan(1L << 53);
    } while (cursor != 0);

    met.removeIf(key -> key.contains("passing"));
    assertThat(met).hasSize(500).doesNotHaveDuplicates();
  }

  @Test
  void anHscanMeetsEveryFieldOnce() {
    for (int i = 0; i < 300; i++) {
      call("HSET h f" + i + " v");
    }

    List<String> met = new ArrayList<>();
    long cursor = 0;
    do {
      List<?> reply = (List<?>) call("HSCAN h " + cursor + " COUNT 7 NOVALUES");
      cursor = Long.parseLong(reply.get(0).toString().replace("\"", ""));
      ((List<?>) reply.get(1)).forEach(field -> met.add(field.toString()));
    } while (cursor != 0);

    assertThat(met).hasSize(300).doesNotHaveDuplicates();
  }

  @Test
  void randomKeysAreSpreadEvenWithinOneHashTag() {
    for (int i = 0; i < 50; i++) {
      call("SET {tag}" + i + " v");
    }

    Set<Object> drawn = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      server.revision++; // chance comes from the seed and the revision
      drawn.add(call("RANDOMKEY"));
    }

    assertThat(drawn).hasSizeGreaterThan(40);
  }

  @Test
  void randomFieldsAreDifferentOrRepeatedAsAskedInSmallAndLargeHashes() {
    for (int size : new int[] {20, 3000}) {
      call("DEL h");
      for (int i = 0; i < size; i++) {
        call("HSET h f" + i + " v");
      }

      assertThat((List<?>) call("HRANDFIELD h 10")).hasSize(10).doesNotHaveDuplicates();
      assertThat((List<?>) call("HRANDFIELD h " + (size - 1))).hasSize(size - 1);
      assertThat((List<?>) call("HRANDFIELD h 99999")).hasSize(size).doesNotHaveDuplicates();
      assertThat((List<?>) call("HRANDFIELD h -5000")).hasSize(5000);
      assertThat(new HashSet<>((List<?>) call("HRANDFIELD h -5000"))).hasSizeGreaterThan(size / 2);
    }
  }

  @Test
  void aReadTellsTheSoonestExpiryThatItDependedOn() {
    call("SET a v PXAT 1700000000500");
    call("SET b v PXAT 1700000000400");
    call("SET c v");

    call("GET c");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(Long.MAX_VALUE);
    call("MGET a c");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(1_700_000_000_500L);
    call("DBSIZE");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(1_700_000_000_400L);
    call("KEYS *");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(1_700_000_000_400L);
    assertThat(server.keyspace.nextExpiry()).isEqualTo(1_700_000_000_400L);
  }

  @Test
  void aCommandThatFailsHalfwayThroughItsReplyRepliesOneError() {
    KeyspaceCommand failing =
        (args, keyspace, reply) -> {
          reply.array(2);
          reply.integer(1);
          throw new IllegalStateException("as planned");
        };
    TreeSink sink = new TreeSink();

    server.executor.read(
        failing, Arguments.of("x"), 0, server.store.read(), server.context(), sink);

    assertThat(sink.take()).isEqualTo("-ERR internal error");
    assertThat(server.executor.internalErrors()).isEqualTo(1);
  }

  @Test
  void severalCommandsOfARevisionSeeEachOtherAndGoTogether() {
    Arguments hset = Arguments.of("hset", "h", "f", "v");
    Arguments hincrby = Arguments.of("hincrby", "h", "f", "1");
    TreeSink sink = new TreeSink();

    server.revision++;
    server.executor.begin(server.store.write(server.revision), server.context());
    assertThat(server.executor.run(command("hset"), hset, 0, sink)).isTrue();
    assertThat(sink.take()).isEqualTo("1");
    assertThat(server.executor.run(command("hincrby"), hincrby, 0, sink)).isTrue();
    assertThat(sink.take()).isEqualTo("-ERR hash value is not an integer");
    server.executor.commit();

    server.revision++;
    server.executor.begin(server.store.write(server.revision), server.context());
    server.executor.run(command("rename"), Arguments.of("rename", "h", "g"), 0, sink);
    server.executor.run(command("flushall"), Arguments.of("flushall"), 0, sink);
    server.executor.run(command("hset"), hset, 0, sink);
    server.executor.discard();

    assertThat(call("HGETALL h")).isEqualTo(List.of("\"f\"", "\"v\""));
    assertThat(call("EXISTS g")).isEqualTo("0");
    assertThat(call("DBSIZE")).isEqualTo("1");
  }

  private static KeyspaceCommand command(String name) {
    return requireNonNull(DataServer.TABLE.named(name)).keyspaceCommand();
  }

  private Object call(String line) {
    return server.call(CommandLine.parse(line));
  }
}
