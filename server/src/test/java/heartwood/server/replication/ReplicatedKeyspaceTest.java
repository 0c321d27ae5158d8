package heartwood.server.replication;

import static heartwood.server.replication.Replica.entry;
import static heartwood.server.replication.Replica.sweep;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.message.MalformedException;
import heartwood.resp.RespVersion;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandTable;
import heartwood.server.command.KeyspaceCommand;
import heartwood.server.keyspace.KeyspaceSizes;
import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.memory.MemoryTables;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplicatedKeyspaceTest {
  private static final long NOON = 1_700_000_000_000L;
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;

  private final Replica replica = new Replica();

  ReplicatedKeyspaceTest() {
    replica.clockMillis = NOON;
  }

  // ---- Replies ----

  @Test
  void repliesComeInTheOrderOfTheOperations() {
    replica.write(NOON, "a SET n 1", "b GET n", "a INCR n", "b =+PONG", "a GET n", "b INCR n");

    assertThat(replica.answers)
        .containsExactly("a +OK", "b $1 1", "a :2", "b +PONG", "a $1 2", "b :3");
  }

  @Test
  void aReadSeesWhatStandsBeforeItInItsEntryAndNothingBehind() {
    replica.write(NOON, "a GET k", "a SET k first", "a GET k", "a SET k second", "a GET k");

    assertThat(replica.answers)
        .containsExactly("a $-1", "a +OK", "a $5 first", "a +OK", "a $6 second");
  }

  @Test
  void whatWasAttachedToAnEntryIsExecutedBehindAllOfIt() {
    EntryProposal entry = entry(NOON, replica.batch("a SET k 1"), replica.batch("b APPEND k 2"));
    entry.attach(replica.batch("a GET k", "a =+PONG"));

    replica.lead(entry);

    assertThat(replica.answers).containsExactly("a +OK", "b :2", "a $2 12", "a +PONG");
  }

  @Test
  void eachClientIsAnsweredInItsOwnProtocolAndDatabase() {
    replica.client("b").version = RespVersion.RESP3;
    replica.client("b").database = 1;

    replica.write(NOON, "a SET k 1", "b GET k", "a GET k", "a HSET h f v", "b SET k 2", "b GET k");

    assertThat(replica.answers)
        .containsExactly("a +OK", "b _", "a $1 1", "a :1", "b +OK", "b $1 2");
  }

  @Test
  void whoWantsNoReplyIsServedAndCounted() {
    replica.client("a").isSilent = true;

    replica.write(NOON, "a SET k 1", "a GET k", "b GET k");

    assertThat(replica.answers).containsExactly("a ", "a ", "b $1 1");
  }

  @Test
  void readsBeforeTheFirstEntryAreRefused() {
    replica.state.executeReads(replica.batch("a GET k"));

    assertThat(replica.answers)
        .containsExactly("a -LOADING Redis is loading the dataset in memory");
  }

  // ---- One function on every node ----

  @Test
  void replicasThatWereFedTheSameEntriesHaveTheSameDigestAndRevision() {
    Replica follower = new Replica();
    follower.clockMillis = NOON - 3_600_000; // The clock is nobody's business.
    EntryProposal first = entry(NOON, replica.batch("a SET k 1", "a GET k", "a EXPIRE k 10"));
    EntryProposal second = entry(NOON + 20_000, replica.batch("b INCR k", "b HSET h f v"));

    replica.lead(first);
    replica.lead(second);
    follower.follow(first);
    follower.follow(second);

    assertThat(follower.state.digest()).isEqualTo(replica.state.digest());
    assertThat(follower.store.applied())
        .usingRecursiveComparison()
        .isEqualTo(replica.store.applied());
    assertThat(follower.answers).isEmpty();
  }

  @Test
  void replicasThatWroteDifferentlyHaveDifferentDigests() {
    Replica other = new Replica();

    replica.write(NOON, "a SET k 1");
    other.write(NOON, "a SET k 2");

    assertThat(other.state.digest()).isNotEqualTo(replica.state.digest());
  }

  @Test
  void timeMakesADifferenceWhereACommandDependsOnIt() {
    Replica later = new Replica();

    replica.write(NOON, "a SET k 1 EX 10");
    later.write(NOON + 1, "a SET k 1 EX 10");

    assertThat(later.state.digest()).isNotEqualTo(replica.state.digest());
  }

  @Test
  void everyCommandOfTheLogIsARevisionAlsoWhenItChangesNothing() {
    replica.write(NOON, "a SET k 1");
    long before = replica.state.revision();

    replica.write(NOON, "a DEL missing", "a GET k", "a HSET k f v"); // The last one: WRONGTYPE.

    assertThat(replica.state.revision()).isEqualTo(before + 3); // Two commands, and the entry's.
  }

  // ---- A command that fails through our own fault ----

  @Test
  void aCommandThatThrowsTakesItsWritesBackOnEveryNode() {
    CommandTable table = tableWhereAppendFails();
    Replica leader = new Replica(new MemoryTables(), table);
    Replica follower = new Replica(new MemoryTables(), table);
    EntryProposal entry =
        entry(NOON, leader.batch("a SET k old", "a APPEND k new", "a GET k", "a SET l after"));

    leader.lead(entry);
    follower.follow(entry);

    assertThat(leader.answers)
        .containsExactly("a +OK", "a -ERR internal error", "a $3 old", "a +OK");
    assertThat(follower.state.digest()).isEqualTo(leader.state.digest());
    follower.state.executeReads(follower.batch("b GET k", "b GET l"));
    assertThat(follower.answers).containsExactly("b $3 old", "b $5 after");
  }

  /** SET and GET as they are, and an APPEND that sets, replies and then throws. */
  private static CommandTable tableWhereAppendFails() {
    KeyspaceCommand set = command("set");
    CommandTable table = new CommandTable();
    table.write("set", set);
    table.read("get", command("get"));
    table.write(
        "append",
        (args, keyspace, reply) -> {
          set.run(args, keyspace, reply);
          throw new IllegalStateException("as planned");
        });
    return table;
  }

  private static KeyspaceCommand command(String name) {
    return requireNonNull(Replica.DATA.lookup(Arguments.of(name))).keyspaceCommand();
  }

  // ---- Restarting ----

  @Test
  void aReplicaGoesOnFromItsCheckpoint() {
    Replica lasting = new Replica();
    feedBoth(lasting, "a SET k 1", "a HSET h f v");
    replica.store.checkpoint();

    Replica restarted = replica.restarted();
    assertThat(restarted.state.digest()).isEqualTo(lasting.state.digest());
    assertThat(restarted.store.applied())
        .usingRecursiveComparison()
        .isEqualTo(lasting.store.applied());
    EntryProposal next = entry(NOON + 1, lasting.batch("a INCR k", "a HDEL h f"));
    restarted.follow(next);
    lasting.lead(next);

    assertThat(restarted.state.digest()).isEqualTo(lasting.state.digest());
    restarted.state.executeReads(restarted.batch("b GET k", "b EXISTS h"));
    assertThat(restarted.answers).containsExactly("b $1 2", "b :0");
  }

  @Test
  void whatNoCheckpointHoldsIsReplayedFromTheLog() {
    replica.write(NOON, "a SET k 1");
    replica.store.checkpoint();
    EntryProposal lost = entry(NOON, replica.batch("a INCR k"));
    replica.lead(lost);

    Replica restarted = replica.restarted();
    assertThat(restarted.state.appliedIndex()).isEqualTo(1);
    restarted.follow(lost);

    assertThat(restarted.state.digest()).isEqualTo(replica.state.digest());
  }

  @Test
  void theStateOfAnotherStoreIsTakenUpAsAWhole() { // Raft §7: a snapshot was installed.
    Replica ahead = new Replica();
    ahead.write(NOON + 5_000, "a SET k 1", "a SET l 2");
    replica.write(NOON, "a SET k old");
    ahead.store.checkpoint();

    replica.state.load(ahead.restarted().store);

    assertThat(replica.state.digest()).isEqualTo(ahead.state.digest());
    assertThat(replica.state.revision()).isEqualTo(ahead.state.revision());
    assertThat(replica.state.stampMillis()).isEqualTo(NOON + 5_000);
    replica.takeAnswers();
    replica.state.executeReads(replica.batch("b GET k"));
    assertThat(replica.answers).containsExactly("b $1 1");
  }

  private void feedBoth(Replica other, String... operations) {
    EntryProposal entry = entry(NOON, replica.batch(operations));
    replica.lead(entry);
    other.lead(entry);
  }

  // ---- Time ----

  @Test
  void timeNeverGoesBack() {
    replica.write(NOON, "a SET k 1");
    replica.write(NOON - 60_000, "a SET l 1 EX 10");

    assertThat(replica.state.stampMillis()).isEqualTo(NOON);
    replica.state.executeReads(replica.batch("b PEXPIRETIME l"));
    assertThat(replica.takeAnswers()).endsWith("b :" + (NOON + 10_000));
  }

  @Test
  void anEntryWithoutCommandsMovesTimeOn() {
    replica.write(NOON, "a SET k 1 PX 100");
    replica.lead(entry(NOON + 100));

    assertThat(replica.state.stampMillis()).isEqualTo(NOON + 100);
    replica.state.executeReads(replica.batch("b GET k"));
    assertThat(replica.takeAnswers()).endsWith("b $-1");
    assertThat(replica.timeRequests).isZero();
  }

  @Test
  void aReadOfWhatHasExpiredByTheClockAloneWaitsForTheLogAndSoDoAllBehind() {
    replica.write(NOON, "a SET k 1 PX 100", "a SET l 1");
    replica.takeAnswers();
    replica.clockMillis = NOON + 100;

    replica.state.executeReads(replica.batch("b GET l", "b =+PONG", "b GET k", "c GET l"));
    replica.state.executeReads(replica.batch("d GET l"));
    assertThat(replica.takeAnswers()).containsExactly("b $1 1", "b +PONG");
    assertThat(replica.timeRequests).isEqualTo(1);
    assertThat(replica.state.answeredOfFirstWaiting()).isEqualTo(2);

    replica.lead(entry(NOON + 100));
    assertThat(replica.takeAnswers()).containsExactly("b $-1", "c $1 1", "d $1 1");
    assertThat(replica.state.pollWaiting()).isNull();
  }

  @Test
  void aReadOfAFieldThatHasExpiredByTheClockAloneWaitsForTheLog() {
    replica.write(NOON, "a HSET h f 1 g 2", "a HPEXPIRE h 100 FIELDS 1 f");
    replica.takeAnswers();
    replica.clockMillis = NOON + 100;

    replica.state.executeReads(replica.batch("b HGET h g", "b EXISTS h", "b HLEN h"));
    assertThat(replica.takeAnswers()).containsExactly("b $1 2", "b :1");
    assertThat(replica.timeRequests).isEqualTo(1);

    replica.lead(entry(NOON + 100));
    assertThat(replica.takeAnswers()).containsExactly("b :1");
  }

  @Test
  void anEntryThatIsTooEarlyDoesNotEndTheWaitForTheOneAskedFor() {
    replica.write(NOON, "a SET k 1 PX 100");
    replica.takeAnswers();
    replica.clockMillis = NOON + 100;
    replica.state.executeReads(replica.batch("b GET k"));

    replica.lead(entry(NOON + 99));
    assertThat(replica.takeAnswers()).isEmpty();
    assertThat(replica.timeRequests).isEqualTo(1);
    replica.lead(entry(NOON + 100));

    assertThat(replica.takeAnswers()).containsExactly("b $-1");
  }

  /** Else a read that takes long would meet something newly expired each time, and never end. */
  @Test
  void whatExpiresWhileAReadWaitsIsNotWaitedForAgain() {
    replica.write(NOON, "a SET k 1 PX 100", "a SET l 1 PX 200");
    replica.takeAnswers();
    replica.clockMillis = NOON + 100;
    replica.state.executeReads(replica.batch("b GET k", "b GET l"));

    replica.clockMillis = NOON + 300;
    replica.lead(entry(NOON + 100));

    assertThat(replica.takeAnswers()).containsExactly("b $-1", "b $1 1");
    assertThat(replica.timeRequests).isEqualTo(1);
  }

  @Test
  void staleReadsWaitForNothing() {
    replica.write(NOON, "a SET k 1 PX 100");
    replica.takeAnswers();
    replica.clockMillis = NOON + 100;

    replica.state.executeStale(replica.batch("b GET k", "b =+PONG"));

    assertThat(replica.answers).containsExactly("b $1 1", "b +PONG");
    assertThat(replica.timeRequests).isZero();
  }

  // ---- Sweeping ----

  @Test
  void keysWhoseTimeIsOverAreRemovedByASweepAlikeOnEveryNode() {
    Replica follower = new Replica();
    EntryProposal writes = entry(NOON, replica.batch("a SET k 1 PX 100", "a SET l 1"));
    replica.lead(writes);
    follower.follow(writes);
    assertThat(replica.state.wantsSweep()).isFalse();
    replica.clockMillis = NOON + 100;
    assertThat(replica.state.wantsSweep()).isTrue();

    replica.lead(sweep(NOON + 100));
    follower.follow(sweep(NOON + 100));

    assertThat(replica.state.wantsSweep()).isFalse();
    assertThat(follower.state.digest()).isEqualTo(replica.state.digest());
    follower.state.countKeys();
    assertThat(follower.state.sizes()).containsExactly(new KeyspaceSizes(0, 1, 0));
  }

  @Test
  void fieldsWhoseTimeIsOverAreRemovedByASweepAlikeOnEveryNode() {
    Replica follower = new Replica();
    EntryProposal writes =
        entry(
            NOON,
            replica.batch(
                "a HSET h f 1 g 2",
                "a HPEXPIRE h 100 FIELDS 1 f",
                "a HSETEX gone PX 100 FIELDS 2 f 1 g 2"));
    replica.lead(writes);
    follower.follow(writes);
    assertThat(replica.state.wantsSweep()).isFalse();
    replica.clockMillis = NOON + 100;
    assertThat(replica.state.wantsSweep()).isTrue();

    replica.lead(sweep(NOON + 100));
    follower.follow(sweep(NOON + 100));

    assertThat(replica.state.wantsSweep()).isFalse();
    assertThat(follower.state.digest()).isEqualTo(replica.state.digest());
    follower.state.countKeys();
    assertThat(follower.state.sizes()).containsExactly(new KeyspaceSizes(0, 1, 0));
    assertThat(replica.counters.expiredKeys()).isZero();
    assertThat(replica.counters.expiredFields()).isEqualTo(3);
  }

  @Test
  void withoutTheFlagAnEntrySweepsNothing() {
    replica.write(NOON, "a SET k 1 PX 100");
    replica.clockMillis = NOON + 100;

    replica.lead(entry(NOON + 100));

    assertThat(replica.state.wantsSweep()).isTrue();
  }

  @Test
  void whatWasDeletedIsSweptOnceItIsForgottenThoughNobodyWrites() {
    Replica follower = new Replica();
    EntryProposal writes = entry(NOON, replica.batch(hashOf(3000), "a DEL h"));
    replica.lead(writes);
    follower.follow(writes);
    replica.clockMillis = NOON + DAY - 1;
    assertThat(replica.state.wantsSweep()).isFalse();
    replica.clockMillis = NOON + DAY;
    follower.clockMillis = NOON + DAY;
    assertThat(replica.state.wantsSweep()).isTrue();

    int sweeps = 0;
    while (replica.state.wantsSweep() && sweeps < 100) {
      replica.store.checkpoint(); // There is no thread to make room.
      follower.store.checkpoint();
      replica.lead(sweep(NOON + DAY));
      follower.follow(sweep(NOON + DAY));
      sweeps++;
      assertThat(replica.state.isSweepUnfinished()).isEqualTo(replica.state.wantsSweep());
    }

    assertThat(sweeps).isEqualTo(2);
    assertThat(rowCount(replica)).isEqualTo(rowCount(emptied()));
    assertThat(follower.state.wantsSweep()).isFalse();
    assertThat(follower.state.digest()).isEqualTo(replica.state.digest());
  }

  @Test
  void theHorizonFollowsTheRetentionAlikeOnAllNodes() {
    Replica follower = new Replica();
    for (int hour = 0; hour <= 48; hour++) {
      EntryProposal write = entry(NOON + hour * HOUR, replica.batch("a SET k " + hour));
      replica.lead(write);
      follower.follow(write);
      EntryProposal sweep = sweep(NOON + hour * HOUR);
      replica.lead(sweep);
      follower.follow(sweep);
    }

    Past past = replica.store.past();
    assertThat(past.horizon()).isEqualTo(past.revisionAt(NOON + DAY));
    assertThat(follower.store.past().horizon()).isEqualTo(past.horizon());
  }

  @Test
  void anIdleStateIsNotWorthAnEntryForEver() {
    replica.write(NOON, "a SET k 1");
    replica.clockMillis = NOON + 3 * DAY;
    replica.lead(sweep(replica.clockMillis));

    replica.clockMillis = NOON + 9 * DAY;

    assertThat(replica.state.wantsSweep()).isFalse();
  }

  @Test
  void aSizeMovesTheHorizonToo() {
    replica.write(NOON, "a TIMELINE SET history-max-bytes 10kb");
    String value = "v".repeat(1000);
    for (int i = 0; i < 20; i++) {
      replica.write(NOON + i, "a SET k " + value);
    }
    replica.clockMillis = NOON + 20;
    assertThat(replica.state.wantsSweep()).isTrue();

    replica.lead(sweep(NOON + 20));

    Past past = replica.store.past();
    assertThat(past.horizon()).isBetween(past.revisionAt(NOON + 9), past.revisionAt(NOON + 12));
    assertThat(replica.state.wantsSweep()).isFalse();
  }

  @Test
  void aPinHoldsTheHorizonUntilItExpires() {
    replica.write(NOON, "a SET k 1");
    replica.write(NOON + 5, "a TIMELINE PIN p now EX " + 3 * DAY / 1000, "a SET k 2");
    long pinned = replica.state.revision();

    replica.lead(sweep(NOON + 2 * DAY));
    assertThat(replica.store.past().horizon()).isLessThan(pinned);
    replica.lead(sweep(NOON + 4 * DAY));

    assertThat(replica.store.past().horizon()).isGreaterThanOrEqualTo(pinned);
  }

  @Test
  void aPinInTheMidstOfAnEntryHoldsTheEndOfTheOneBefore() { // from which DBSIZE counts on
    replica.write(NOON, "a SET k 1");
    long before = replica.state.revision();
    replica.write(NOON + 5, "a SET l 1", "a SET m 1");
    replica.write(NOON + 6, "a TIMELINE PIN p @" + (before + 1));

    replica.lead(sweep(NOON + 2 * DAY));

    assertThat(replica.store.past().horizon()).isEqualTo(before);
  }

  @Test
  void withoutRetentionNothingIsRemembered() {
    replica.write(NOON, "a TIMELINE SET history-retention 0");
    replica.write(NOON + 1, "a SET k 1", "a SET k 2");
    replica.write(NOON + 2, "a SET k 3", "a DEL k");
    replica.store.checkpoint();

    assertThat(replica.store.historyStats().versionCount()).isZero();
    assertThat(replica.state.wantsSweep()).isFalse();
  }

  @Test
  void aSweepThatRemovedAsManyKeysAsOneMayIsUnfinished() {
    String[] writes = new String[1001];
    Arrays.setAll(writes, i -> "a SET k" + i + " 1 PX 100");
    replica.write(NOON, writes);

    replica.lead(sweep(NOON + 100));
    assertThat(replica.state.isSweepUnfinished()).isTrue();
    replica.lead(sweep(NOON + 100));

    assertThat(replica.state.isSweepUnfinished()).isFalse();
    replica.state.countKeys();
    assertThat(replica.state.sizes()).isEmpty();
  }

  private static String hashOf(int fieldCount) {
    StringBuilder command = new StringBuilder("a HSET h");
    for (int field = 0; field < fieldCount; field++) {
      command.append(" f").append(field).append(" v");
    }
    return command.toString();
  }

  /** One that held a single field once. */
  private static Replica emptied() {
    Replica replica = new Replica();
    replica.write(NOON, "a HSET h f v", "a DEL h");
    replica.lead(sweep(NOON + DAY));
    return replica;
  }

  private static int rowCount(Replica replica) {
    int rows = 0;
    try (Cursor cursor = replica.store.read().scan(new byte[0], new byte[0])) {
      while (cursor.next()) {
        rows++;
      }
    }
    return rows;
  }

  // ---- What else an entry can be ----

  @Test
  void aConfigurationIsKeptWithTheState() {
    replica.configure(new byte[] {1, 2, 3});
    replica.write(NOON, "a SET k 1");
    replica.store.checkpoint();

    assertThat(replica.restarted().store.applied().configuration()).containsExactly(1, 2, 3);
  }

  @Test
  void anEntryThatIsDamagedIsNotApplied() {
    EntryProposal damaged = entry(NOON, replica.batch("a SET k 1"));
    damaged.payload()[damaged.payload().length - 1] ^= 1;

    assertThatThrownBy(() -> replica.follow(damaged)).isInstanceOf(MalformedException.class);

    assertThat(replica.state.appliedIndex()).isZero();
  }

  @Test
  void aCommandThatThisVersionDoesNotKnowStopsTheNode() {
    Replica older = new Replica(new MemoryTables(), new CommandTable());
    EntryProposal entry = entry(NOON, replica.batch("a SET k 1"));

    assertThatThrownBy(() -> older.follow(entry))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("not known to this version");
  }

  @Test
  void sizesAreCountedForEachDatabaseThatHoldsKeys() {
    replica.client("b").database = 3;
    replica.write(NOON, "a SET k 1", "a SET l 1 EX 10", "b SET m 1");

    replica.state.countKeys();

    assertThat(replica.state.sizes())
        .isEqualTo(List.of(new KeyspaceSizes(0, 2, 1), new KeyspaceSizes(3, 1, 0)));
  }
}
