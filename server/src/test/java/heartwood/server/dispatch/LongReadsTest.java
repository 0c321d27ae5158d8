package heartwood.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.command.NodeStatistics.CommandStatistics;
import heartwood.server.replication.LongReads;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads of very many rows, which run beside the apply thread. */
@Timeout(60)
class LongReadsTest {
  private static final int MANY = (int) LongReads.MAX_SHORT_ROWS + 500;

  private final DispatchRig rig = new DispatchRig();
  private final ScriptedClient client = rig.client();
  private final ScriptedClient other = rig.client();

  @BeforeEach
  void lead() {
    rig.lead();
    rig.allowsCrossSlot = true;
  }

  /** The hash {@code big}, with the fields f0 and so on. */
  private void fillHash() {
    ask("HSET big" + words(" f%1$d v%1$d"));
  }

  private static String words(String format) {
    StringBuilder words = new StringBuilder();
    IntStream.range(0, MANY).forEach(i -> words.append(String.format(format, i)));
    return words.toString();
  }

  private String ask(String command) {
    client.send(command);
    rig.settle();
    assertThat(client.heard).as(command).hasSize(1);
    return client.heard.remove(0);
  }

  private static String isOfSize(int size) {
    return "*" + size + " ";
  }

  @Test
  void othersAreServedWhileALongReadRuns() {
    fillHash();
    rig.areReadersStuck = true;
    client.send("HGETALL big");
    rig.settle();

    other.send("HSET big f0 changed", "DEL big", "SET k v");
    rig.settle();
    other.send("GET k");
    rig.settle();
    assertThat(other.heard).containsExactly(":0", ":1", "+OK", "$1 v");
    assertThat(client.heard).isEmpty();

    rig.areReadersStuck = false;
    rig.settle();
    assertThat(client.heard).hasSize(1);
    assertThat(client.heard.get(0)).startsWith(isOfSize(2 * MANY)).contains("$2 f0 $2 v0 ");
  }

  @Test
  void aConnectionIsAnsweredInItsOrderWhateverRunsBeside() {
    fillHash();
    rig.areReadersStuck = true;
    client.send("SET k 1", "HKEYS big", "HDEL big f0", "HVALS big", "HLEN big", "TIME", "GET k");
    rig.settle();
    assertThat(client.heard).containsExactly("+OK");

    rig.areReadersStuck = false;
    rig.settle();
    List<String> heard = client.heard;
    assertThat(heard).hasSize(7);
    assertThat(heard.get(1)).startsWith(isOfSize(MANY)).contains(" f0 ");
    assertThat(heard.get(2)).isEqualTo(":1");
    assertThat(heard.get(3)).startsWith(isOfSize(MANY - 1)).doesNotContain(" v0 ");
    assertThat(heard.get(4)).isEqualTo(":" + (MANY - 1));
    assertThat(heard.get(5)).startsWith("-ERR internal error");
    assertThat(heard.get(6)).isEqualTo("$1 1");
  }

  @Test
  void aLongReadBetweenTwoWritesOfAnEntrySeesTheFirstAndNotTheSecond() {
    ask("MSET" + words(" k%1$d v"));
    long entries = rig.log.lastIndex();
    client.send("SET one more", "KEYS *", "FLUSHALL", "SET another one", "KEYS *", "DBSIZE");
    rig.settle();

    assertThat(rig.log.lastIndex()).isEqualTo(entries + 1);
    assertThat(client.heard.get(1)).startsWith(isOfSize(MANY + 1)).contains(" one ");
    assertThat(client.heard.subList(4, 6)).containsExactly("*1 $7 another", ":1");
  }

  @Test
  void whatVisitsManyRowsRunsBesideWhateverItsCommandAndTime() {
    fillHash();
    ask("MSET" + words(" k%1$d v"));
    ask("SETRANGE s " + MANY * 4032L + " x");
    long revision = rig.state.applied().present().revision();
    List<String> commands =
        List.of(
            "KEYS *",
            "KEYS nothing",
            "SCAN 0 COUNT 5000",
            "HGETALL big",
            "HKEYS big",
            "HVALS big",
            "HSCAN big 0 COUNT 5000",
            "HRANDFIELD big " + MANY,
            "HRANDFIELD big -" + MANY,
            "MGET" + words(" k%d"),
            "EXISTS" + words(" k%d"),
            "HMGET big" + words(" f%d"),
            "BITCOUNT s",
            "GET s",
            "CLUSTER COUNTKEYSINSLOT 5");
    long begun = 0;
    for (String command : commands) {
      String now = ask(command);
      assertThat(now).as(command).doesNotStartWith("-");
      assertThat(rig.longReads.begunCount()).as(command).isEqualTo(++begun);
      String then = ask("AT @" + revision + " " + command);
      assertThat(rig.longReads.begunCount()).as("AT " + command).isEqualTo(++begun);
      if (!command.startsWith("HRANDFIELD")) {
        assertThat(then).as(command).isEqualTo(now);
      }
    }
    for (String command :
        List.of("HISTORY big REV", "HISTORY big FIELD f1", "TIMELINE DIFF @1 now COUNT 1000")) {
      assertThat(ask(command)).as(command).doesNotStartWith("-").startsWith("*");
      assertThat(rig.longReads.begunCount()).as(command).isEqualTo(++begun);
    }
  }

  @Test
  void whatVisitsFewDoesNot() {
    fillHash();
    ask("HSET small a 1 b 2");
    for (String command :
        List.of(
            "GET none",
            "HGET big f1",
            "HMGET big f1 f2",
            "HLEN big",
            "HSCAN big 0",
            "HRANDFIELD big 5",
            "HGETALL small",
            "HSCAN small 0 COUNT 1000000",
            "KEYS *",
            "SCAN 0 COUNT 1000000",
            "DBSIZE",
            "HISTORY big",
            "TIMELINE DIFF @1 now",
            "AT @5 KEYS *")) {
      assertThat(ask(command)).as(command).doesNotStartWith("-");
    }
    assertThat(rig.longReads.begunCount()).isZero();
  }

  @Test
  void aLongReadOfThePastLeavesOutWhatWasPurged() {
    ask("MSET" + words(" k%1$d v"));
    long before = rig.state.applied().present().revision();
    ask("TIMELINE PURGE k7");

    String keys = ask("AT @" + before + " KEYS *");

    assertThat(keys).startsWith(isOfSize(MANY - 1)).contains(" k8 ").doesNotContain(" k7 ");
    assertThat(ask("KEYS *")).startsWith(isOfSize(MANY)).contains(" k7 ");
    assertThat(rig.longReads.begunCount()).isEqualTo(2);
  }

  @Test
  void aLongReadOfThePastAnswersWhatWasWhateverIsWrittenMeanwhile() {
    fillHash();
    long before = rig.state.applied().present().revision();
    ask("HSET big f0 changed");
    rig.areReadersStuck = true;
    client.send("AT @" + before + " WITHREV HGETALL big", "CLIENT ASOF @" + before);
    rig.settle();
    rig.state.store().requestCheckpoint();
    other.send("HSET big f1 changed", "FLUSHALL");
    rig.settle();
    rig.state.store().checkpoint();
    other.send("SET k v");
    rig.settle();

    rig.areReadersStuck = false;
    rig.settle();
    assertThat(client.heard).hasSize(2);
    assertThat(client.heard.get(0))
        .startsWith("*3 :" + before + " :")
        .contains("*" + 2 * MANY)
        .contains("$2 f0 $2 v0 ");
    client.heard.clear();
    assertThat(ask("HVALS big")).as("frozen").startsWith(isOfSize(MANY)).contains(" v0 ");
  }

  @Test
  void aLongReadWaitsForTimeWhereAnExpiryIsDue() {
    ask("MSET" + words(" k%1$d v"));
    ask("SET short lived PX 5");
    rig.clockMillis += 6;
    long entries = rig.log.lastIndex();

    assertThat(ask("KEYS *")).startsWith(isOfSize(MANY)).doesNotContain("short");
    assertThat(rig.log.lastIndex()).as("time is an entry").isEqualTo(entries + 1);
    assertThat(ask("KEYS *")).startsWith(isOfSize(MANY));
    assertThat(rig.log.lastIndex()).isEqualTo(entries + 1);
  }

  @Test
  void aLongReadWaitsForTheTimeThatItAsksAbout() {
    ask("SET k 1");
    long asked = rig.clockMillis + 2;
    rig.clockMillis += 3;
    long entries = rig.log.lastIndex();

    assertThat(ask("TIMELINE DIFF @1 " + asked + " COUNT 1000")).contains("$1 k $7 created");
    assertThat(rig.longReads.begunCount()).isEqualTo(1);
    assertThat(rig.log.lastIndex()).as("time is an entry").isEqualTo(entries + 1);
  }

  @Test
  void whereTooManyWaitTheNextIsRefusedAndTheOthersAreServed() {
    fillHash();
    rig.areReadersStuck = true;
    for (int i = 0; i <= LongReads.MAX_WAITING; i++) {
      client.send("HKEYS big");
    }
    client.send("HLEN big");
    other.send("HKEYS big", "HLEN big");
    rig.settle();
    assertThat(rig.longReads.waitingCount()).isEqualTo(LongReads.MAX_WAITING);
    assertThat(other.heard).hasSize(2);
    assertThat(other.heard.get(0)).startsWith("-BUSY").endsWith("the command was not executed");

    rig.areReadersStuck = false;
    rig.settle();
    assertThat(rig.longReads.waitingCount()).isZero();
    assertThat(client.heard).hasSize(LongReads.MAX_WAITING + 2);
    assertThat(client.heard.subList(0, LongReads.MAX_WAITING))
        .allSatisfy(reply -> assertThat(reply).startsWith(isOfSize(MANY)));
    assertThat(client.heard.get(LongReads.MAX_WAITING)).startsWith("-BUSY");
    assertThat(client.heard.get(LongReads.MAX_WAITING + 1)).isEqualTo(":" + MANY);
    assertThat(statistics("hkeys").calls()).isEqualTo(LongReads.MAX_WAITING);
    assertThat(statistics("hkeys").rejectedCalls()).isEqualTo(2);
  }

  private CommandStatistics statistics(String name) {
    return rig.meter.statistics().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aReadThatTakesTooLongEndsWithAnError() {
    fillHash();
    rig.longReadMaxMillis = 0;

    assertThat(ask("HGETALL big")).isEqualTo("-ERR the read took longer than long-read-max-ms: 0");
    assertThat(statistics("hgetall").failedCalls()).isEqualTo(1);
  }

  /** Its snapshot would else hold pages for nobody. */
  @Test
  void theReadOfAClientThatHasLeftIsGivenUp() {
    fillHash();
    rig.areReadersStuck = true;
    client.send("HGETALL big", "HLEN big");
    rig.settle();
    client.isGone = true;
    rig.areReadersStuck = false;
    rig.settle();

    assertThat(client.heard).containsExactly("-ERR the client has left", ":" + MANY);
    rig.state.store().close(); // Nobody reads: this would throw.
  }

  @Test
  void aClientThatWantsNoReplyHearsNone() {
    fillHash();
    client.isSilent = true;
    client.send("HGETALL big");
    rig.settle();
    client.isSilent = false;

    assertThat(ask("HLEN big")).isEqualTo(":" + MANY);
    assertThat(rig.longReads.begunCount()).isEqualTo(1);
  }

  @Test
  void readsThatWaitEndWhenTheStateIsReplaced() {
    fillHash();
    long revision = rig.state.applied().present().revision();
    rig.areReadersStuck = true;
    client.send("HGETALL big", "HLEN big");
    other.send("AT @" + revision + " HGETALL big");
    rig.settle();
    rig.pullSnapshot(rig.log.lastIndex() + 10);
    assertThat(rig.longReads.waitingCount()).isEqualTo(2);

    rig.isApplyStuck = false;
    rig.settle(); // The former store is closed, which would throw if somebody read it.
    List<String> heard = new ArrayList<>(client.heard);
    heard.addAll(other.heard);
    assertThat(heard).hasSize(3);
    assertThat(heard.get(0)).startsWith("-CLUSTERDOWN").endsWith("not executed");
    assertThat(heard.get(1)).isEqualTo(":" + MANY);
    assertThat(heard.get(2)).startsWith("-CLUSTERDOWN").endsWith("not executed");

    rig.areReadersStuck = false;
    rig.settle();
    assertThat(rig.longReads.waitingCount()).isZero();
    assertThat(client.heard).hasSize(2);
  }
}
