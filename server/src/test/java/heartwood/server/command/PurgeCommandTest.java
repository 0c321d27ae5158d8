package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** TIMELINE PURGE: what is refused from then on, and what leaves the tables. */
class PurgeCommandTest extends SteppedServer {
  private static final String LONG = "long-".repeat(2000);

  @Test
  void whatAKeyWasIsRefusedAndItsPresentValueStays() {
    long first = run("SET k 1");
    run("SET other 1", "SET k 2");
    long before = server.revision;

    run("TIMELINE PURGE k");

    assertThat(at(first, "GET k")).startsWith("-PURGED what was before @" + (before + 1) + " (");
    assertThat(at(before, "EXISTS k")).startsWith("-PURGED");
    assertThat(at(before, "MGET other k")).startsWith("-PURGED");
    assertThat(at(before, "GET other")).isEqualTo("\"1\"");
    assertThat(at(server.revision, "GET k")).isEqualTo("\"2\"");
    assertThat(call("GET k")).isEqualTo("\"2\"");
    assertThat(at(first - 1, "GET k")).as("when it was not there").startsWith("-PURGED");
  }

  @Test
  void theReplyIsTheFirstMomentThatIsLeft() {
    run("SET k 1");
    long middle = run("SET k 2");
    run("SET k 3");

    assertThat(call("TIMELINE PURGE k BEFORE @" + middle)).startsWith("[" + middle + ", ");
    assertThat(at(middle, "GET k")).isEqualTo("\"2\"");
    assertThat(at(middle - 1, "GET k")).startsWith("-PURGED");
    assertThat(call("TIMELINE PURGE k")).startsWith("[" + server.revision + ", ");
    assertThat(call("TIMELINE PURGE k BEFORE @" + middle))
        .as("a floor is never lowered")
        .startsWith("[" + (server.revision - 1) + ", ");
  }

  @Test
  void walksOfThePastLeaveTheKeyOut() {
    run("SET k 1", "SET other 1", "HSET h f v");
    long before = server.revision;
    run("SET k 2", "SET other 2");

    run("TIMELINE PURGE k");

    assertThat(at(before, "DBSIZE")).isEqualTo("2");
    assertThat(at(before, "KEYS *")).contains("other", "\"h\"").doesNotContain("\"k\"");
    assertThat(at(before, "SCAN 0")).contains("other").doesNotContain("\"k\"");
    assertThat(call("TIMELINE DIFF @" + before + " now")).contains("other").doesNotContain("\"k\"");
    for (int i = 0; i < 20; i++) {
      assertThat(at(before, "RANDOMKEY")).isNotEqualTo("\"k\"");
    }
    assertThat(call("DBSIZE")).isEqualTo("3");
    assertThat(at(server.revision, "DBSIZE")).isEqualTo("3");
  }

  /** Nothing wrote to it: that it went is told by its expiry alone. */
  @Test
  void whatExpiredBeforeItsPurgeIsNoDifference() {
    run("SET k 1 PX 5", "SET kept 1 PX 5");
    server.endEntry();
    long first = server.revision;
    server.stampMillis += 10;
    run("SET other 1");
    server.endEntry();
    long second = server.revision;
    String difference = "TIMELINE DIFF @" + first + " @" + second;
    assertThat(call(difference)).contains("\"k\"", "\"kept\"");

    run("TIMELINE PURGE k");

    assertThat(call(difference)).contains("\"kept\"").doesNotContain("\"k\"");
  }

  /** A long name stands in the row alone, which a node may have removed already. */
  @Test
  void whereAKeyCameFromIsNotToldOnceThatIsPurged() {
    String longName = "name" + "x".repeat(600);
    run("SET " + longName + " 1", "RENAME " + longName + " k");
    assertThat(call("HISTORY k")).contains(longName);

    run("TIMELINE PURGE " + longName);

    assertThat(call("HISTORY k")).contains("\"rename").doesNotContain(longName);
  }

  @Test
  void historyBeginsWhereThePurgeEnds() {
    long first = run("HSET k f secret");
    run("HSET k f 2", "TIMELINE PURGE k");
    long floor = server.revision;
    run("HSET k f 3");

    assertThat(call("HISTORY k")).contains("\"hset\"", "\"earlier\"").doesNotContain("secret");
    assertThat(call("HISTORY k FIELD f")).contains("\"3\"", "\"2\"").doesNotContain("secret");
    assertThat(call("HISTORY k FROM @" + first)).startsWith("-PURGED");
    assertThat(call("HISTORY k FIELD f TO @" + first)).startsWith("-PURGED");
    assertThat(call("HISTORY k FROM @" + floor)).startsWith("[[");
  }

  @Test
  void nothingIsRewoundToWhatWasPurged() {
    long first = run("SET k 1");
    run("SET k 2", "SET l 1", "TIMELINE PURGE k");

    assertThat(call("REWIND k TO @" + first)).startsWith("-PURGED");
    assertThat(call("REWIND k TO ~1")).startsWith("-PURGED");
    assertThat(call("REWIND MATCH * TO @" + first)).startsWith("[1, ");
    assertThat(call("GET k")).isEqualTo("\"2\"");
    assertThat(call("EXISTS l")).isEqualTo("0");
  }

  /** One object was both names': the other one cannot tell what it held any more. */
  @Test
  void elementsThatAnotherNameHeldBeforeARenameArePurgedForBoth() {
    long first = run("HSET was f secret");
    run("SET string 1", "RENAME was is", "HSET is f 2", "TIMELINE PURGE is");

    assertThat(at(first, "HGET was f")).startsWith("-PURGED");
    assertThat(at(first, "KEYS *")).isEqualTo("[]");
    assertThat(call("HISTORY was")).startsWith("-PURGED");
    assertThat(call("TIMELINE DIFF @" + first + " now")).contains("string").doesNotContain("was");
    quiet();
    assertThat(isOnDisk("secret")).isFalse();
  }

  /** And what lives on under another name is that one's. */
  @Test
  void aKeyThatWasRenamedAwayTakesNothingFromItsPresentName() {
    run("HSET was f 1");
    long renamed = run("RENAME was is");

    run("TIMELINE PURGE was");
    quiet();

    assertThat(at(renamed, "HGET is f")).isEqualTo("\"1\"");
    assertThat(call("HGET is f")).isEqualTo("\"1\"");
    assertThat(at(renamed - 1, "HGET was f")).startsWith("-PURGED");
  }

  @Test
  void theNameIsPurgedInAllNamespacesThatItsDatabaseHad() {
    long first = run("SET k secret", "HSET h f secret");
    run("SWAPDB 0 1", "SET k secret2", "FLUSHDB", "SET k 3");

    run("TIMELINE PURGE k", "TIMELINE PURGE h");
    quiet();

    assertThat(at(first, "GET k")).startsWith("-PURGED");
    assertThat(at(first + 2, "GET k")).startsWith("-PURGED");
    assertThat(isOnDisk("secret2")).as("in the namespace that was flushed").isFalse();
    server.database = 1;
    assertThat(call("GET k")).as("has been another database's since").isEqualTo("\"secret\"");
  }

  @Test
  void nothingOfItIsLeftInTheTables() {
    run("SET inline secret1", "SET inline secret2", "SET inline new");
    run("SET chunks " + LONG + "secret", "SETRANGE chunks 8000 secret", "DEL chunks");
    run("HSET h f secret g secret", "HDEL h f", "HSET h g new", "HSET gone f secret", "DEL gone");
    run("HSET over f secret", "SET over new", "SET due secret PX 5", "SET flushed secret");
    server.stampMillis += 100;
    server.endEntry();
    store.checkpoint();
    run("SET inline newer", "FLUSHDB", "SET inline last");
    assertThat(isOnDisk("secret")).isTrue();

    for (String key : List.of("inline", "chunks", "h", "gone", "over", "due", "flushed")) {
      run("TIMELINE PURGE " + key);
    }
    quiet();

    assertThat(isOnDisk("secret")).isFalse();
    assertThat(call("GET inline")).isEqualTo("\"last\"");
  }

  @Test
  void aKeyThatIsOverButNotSweptAwayIsPurgedToo() {
    run("SET k secret PX 5");
    server.stampMillis += 100;

    run("TIMELINE PURGE k");
    quiet();

    assertThat(isOnDisk("secret")).isFalse();
  }

  @Test
  void floorsGoWithTheHorizon() {
    run("HSET k f 1", "HSET k f 2", "TIMELINE PURGE k");
    long floor = server.revision;
    run("TIMELINE PURGE k", "SET other 1");

    store.raiseHorizon(floor);
    quiet();
    assertThat(rowsOf((byte) 0x43)).isEqualTo(2);
    store.raiseHorizon(floor + 10);
    quiet();

    assertThat(rowsOf((byte) 0x43)).isZero();
    assertThat(rowsOf((byte) 0x41)).isZero();
    server.reload();
    assertThat(call("TIMELINE PURGE k")).startsWith("[");
  }

  @Test
  void argumentsAreChecked() {
    run("SET k 1");

    assertThat(call("TIMELINE PURGE k BEFORE")).isEqualTo("-ERR syntax error");
    assertThat(call("TIMELINE PURGE k AFTER @1")).isEqualTo("-ERR syntax error");
    assertThat(call("TIMELINE PURGE k BEFORE @99")).startsWith("-FUTURE");
    assertThat(call("TIMELINE PURGE nobody")).startsWith("[");
    CommandSpec purge = requireNonNull(DataServer.TABLE.named("timeline|purge"));
    assertThat(purge.facts().categories())
        .contains(AclCategory.ADMIN, AclCategory.DANGEROUS, AclCategory.HISTORY);
  }
}
