package heartwood.storage.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.PeerBindings;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every log keeps: LMDB's and its twin in memory. */
@Timeout(60)
abstract class LogStoreContract {
  static final HardState TERM_9 = new HardState(9, new NodeId(2), 0);

  /** An empty log. */
  abstract LogStore log();

  /** What a new process would find. The log given is closed. */
  abstract LogStore reopen(LogStore log);

  @Test
  void aNewLogIsEmpty() {
    LogStore log = log();

    assertThat(log.hardState()).isEqualTo(HardState.INITIAL);
    assertThat(log.baseIndex()).isZero();
    assertThat(log.lastIndex()).isZero();
    assertThat(log.termAt(0)).isZero();
    assertThat(log.termStarts()).isEmpty();
    assertThat(log.sizeBytes()).isZero();
  }

  @Test
  void whatWasWrittenIsFoundAgain() {
    LogStore log = log();
    log.write(batch(new HardState(4, new NodeId(3), 2), entries(1, 1, 1, 3, 4)));

    log = reopen(log);

    assertThat(log.hardState()).isEqualTo(new HardState(4, new NodeId(3), 2));
    assertThat(log.lastIndex()).isEqualTo(4);
    assertThat(log.termStarts())
        .containsExactly(new TermStart(1, 1), new TermStart(3, 3), new TermStart(4, 4));
    assertThat(log.termAt(2)).isEqualTo(1);
    assertThat(log.termAt(3)).isEqualTo(3);
    assertSame(log.read(1, 4, Integer.MAX_VALUE), entries(1, 1, 1, 3, 4));
  }

  @Test
  void everyKindAndAnEmptyPayloadSurvive() {
    List<LogEntry> entries =
        List.of(
            new LogEntry(1, 1, EntryKind.NOOP, new byte[0]),
            new LogEntry(2, 1, EntryKind.CONFIGURATION, new byte[] {1}),
            new LogEntry(3, 1, EntryKind.COMMANDS, new byte[300_000]));
    LogStore log = log();
    log.write(batch(TERM_9, entries));

    assertSame(reopen(log).read(1, 3, Integer.MAX_VALUE), entries);
  }

  @Test
  void aVoteAloneIsDurable() {
    LogStore log = log();
    log.write(batch(TERM_9, List.of()));

    assertThat(reopen(log).hardState()).isEqualTo(TERM_9);
  }

  @Test
  void entriesThatConflictAreCutWithAllBehindThem() { // Raft §5.3
    LogStore log = log();
    log.write(batch(TERM_9, entries(1, 1, 1, 2, 2, 3)));
    log.write(batch(TERM_9, entries(3, 4, 4)));

    log = reopen(log);

    assertThat(log.lastIndex()).isEqualTo(4);
    assertThat(log.termStarts()).containsExactly(new TermStart(1, 1), new TermStart(4, 3));
    assertSame(log.read(1, 9, Integer.MAX_VALUE), entries(1, 1, 1, 4, 4));
    assertThat(log.sizeBytes()).isEqualTo(sizeOf(entries(1, 1, 1, 4, 4)));
  }

  @Test
  void aLongSuffixIsCutWhole() {
    LogStore log = log();
    log.write(batch(TERM_9, run(1, 5000, 1)));
    log.write(batch(TERM_9, entries(7, 2)));

    log = reopen(log);

    assertThat(log.lastIndex()).isEqualTo(7);
    assertSame(log.read(7, 7, 1), entries(7, 2));
    assertThat(log.sizeBytes()).isEqualTo(sizeOf(run(1, 6, 1)) + sizeOf(entries(7, 2)));
  }

  @Test
  void readStopsAtTheByteLimitButReturnsOneEntry() {
    LogStore log = log();
    log.write(batch(TERM_9, run(1, 10, 1)));
    int one = run(1, 1, 1).get(0).payload().length;

    assertThat(log.read(3, 10, 0)).hasSize(1);
    assertThat(log.read(3, 10, 3 * one)).hasSize(3);
    assertThat(log.read(3, 4, Integer.MAX_VALUE)).hasSize(2);
    assertThat(log.read(3, 99, Integer.MAX_VALUE)).hasSize(8);
  }

  @Test
  void compactionMovesTheBaseAndKeepsTheRest() {
    LogStore log = log();
    log.write(batch(TERM_9, run(1, 3000, 1)));
    log.write(batch(new HardState(9, new NodeId(2), 3001), entries(3001, 2, 2, 5)));
    log.compact(3001);

    log = reopen(log);

    assertThat(log.baseIndex()).isEqualTo(3001);
    assertThat(log.baseTerm()).isEqualTo(2);
    assertThat(log.termAt(3001)).isEqualTo(2);
    assertThat(log.termStarts()).containsExactly(new TermStart(2, 3002), new TermStart(5, 3003));
    assertSame(log.read(3002, 3003, Integer.MAX_VALUE), entries(3002, 2, 5));
    assertThat(log.sizeBytes()).isEqualTo(sizeOf(entries(3002, 2, 5)));
    LogStore compacted = log;
    assertThatThrownBy(() -> compacted.read(3001, 3003, 1))
        .isInstanceOf(LogException.Compacted.class);
    assertThatThrownBy(() -> compacted.termAt(3000)).isInstanceOf(LogException.class);
  }

  @Test
  void aLogCompactedToItsEndGoesOnBehindIt() {
    LogStore log = log();
    log.write(batch(TERM_9, entries(1, 1, 2)));
    log.compact(2);
    log.compact(1);
    log.write(batch(TERM_9, entries(3, 2, 6)));

    log = reopen(log);

    assertThat(log.baseIndex()).isEqualTo(2);
    assertThat(log.termStarts()).containsExactly(new TermStart(2, 3), new TermStart(6, 4));
    assertSame(log.read(3, 4, Integer.MAX_VALUE), entries(3, 2, 6));
  }

  @Test
  void resetForgetsEveryEntryButNotTermAndVote() {
    LogStore log = log();
    log.write(batch(TERM_9, entries(1, 1, 2, 3)));
    log.reset(100, 8);

    log = reopen(log);

    assertThat(log.baseIndex()).isEqualTo(100);
    assertThat(log.lastIndex()).isEqualTo(100);
    assertThat(log.termAt(100)).isEqualTo(8);
    assertThat(log.hardState()).isEqualTo(new HardState(9, new NodeId(2), 100));
    log.write(batch(new HardState(9, new NodeId(2), 100), entries(101, 9)));
    assertSame(reopen(log).read(101, 101, 1), entries(101, 9));
  }

  @Test
  void anEntryIsMendedOnlyByItself() {
    LogStore log = log();
    log.write(batch(TERM_9, entries(1, 1, 1, 2, 2)));
    log.compact(1);
    LogEntry sound = log.read(3, 3, 1).get(0);

    log.repair(sound);

    assertThat(log.lastIndex()).isEqualTo(4);
    assertSame(log.read(3, 3, 1), List.of(sound));
    for (LogEntry other :
        List.of(entries(3, 1).get(0), entries(1, 1).get(0), entries(5, 2).get(0))) {
      assertThatThrownBy(() -> log.repair(other)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aBatchThatDoesNotFitIsRefusedAndChangesNothing() {
    LogStore log = log();
    log.write(batch(new HardState(5, new NodeId(1), 2), entries(1, 1, 1, 3)));

    refuses(log, batch(TERM_9, entries(5, 5)), "gap");
    refuses(log, batch(TERM_9, entries(2, 5)), "commitIndex");
    refuses(log, batch(TERM_9, entries(4, 2)), "term goes back");
    refuses(log, batch(new HardState(4, null, 2), List.of()), "currentTerm goes back");
    refuses(log, batch(new HardState(5, new NodeId(2), 2), List.of()), "second vote");
    refuses(log, batch(new HardState(5, null, 2), List.of()), "second vote");
    refuses(log, batch(new HardState(5, new NodeId(1), 4), List.of()), "beyond the last");

    assertThat(reopen(log).hardState()).isEqualTo(new HardState(5, new NodeId(1), 2));
  }

  @Test
  void aPeerIsBoundToTheIncarnationOfItsFirstContact() {
    LogStore log = log();

    assertThat(((PeerBindings) log).peerIncarnation(new NodeId(2))).isEmpty();
    assertThat(((PeerBindings) log).bindPeer(new NodeId(2), 77)).isTrue();
    assertThat(((PeerBindings) log).bindPeer(new NodeId(3), 78)).isTrue();

    PeerBindings peers = (PeerBindings) reopen(log);
    assertThat(peers.bindPeer(new NodeId(2), 77)).isTrue();
    assertThat(peers.bindPeer(new NodeId(2), 99)).isFalse();
    assertThat(peers.peerIncarnation(new NodeId(2))).hasValue(77);
  }

  /** Any sequence of legal changes leaves what a plain list would hold. */
  @Test
  void aLogAgreesWithAListWhateverIsDoneToIt() {
    for (long seed = 1; seed <= 15; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      LogStore log = log();
      List<LogEntry> model = new ArrayList<>(); // model.get(i) is the entry i + 1
      long base = 0;
      long term = 1;
      for (int step = 0; step < 60; step++) {
        String at = "seed " + seed + " step " + step;
        int action = random.nextInt(10);
        if (action < 7) {
          long first = base + 1 + random.nextLong(model.size() - base + 1);
          term += random.nextInt(3);
          List<LogEntry> added = run(first, random.nextInt(1, 20), term);
          model.subList((int) first - 1, model.size()).clear();
          model.addAll(added);
          log.write(batch(new HardState(term, null, log.hardState().commitIndex()), added));
        } else if (action < 9 && model.size() > base) {
          base += 1 + random.nextLong(model.size() - base);
          log.compact(base);
        } else {
          log = reopen(log);
        }
        assertThat(log.baseIndex()).as(at).isEqualTo(base);
        assertThat(log.lastIndex()).as(at).isEqualTo(model.size());
        if (base < model.size()) {
          List<LogEntry> kept = model.subList((int) base, model.size());
          assertSame(log.read(base + 1, Long.MAX_VALUE, Integer.MAX_VALUE), kept);
          assertThat(log.sizeBytes()).as(at).isEqualTo(sizeOf(kept));
          for (LogEntry entry : kept) {
            assertThat(log.termAt(entry.index())).as(at).isEqualTo(entry.term());
          }
        }
      }
      log.close();
    }
  }

  @Test
  void readersSeeWholeBatchesWhileTheLogIsWrittenCutAndCompacted() throws Exception {
    LogStore log = log();
    log.write(batch(TERM_9, run(1, 10, 1)));
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    List<Future<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      readers.add(pool.submit(() -> readUntil(done, log)));
    }

    for (int round = 1; round <= 300; round++) {
      long first = log.lastIndex() - 4; // cuts five, appends ten
      long commitIndex = log.hardState().commitIndex();
      log.write(batch(new HardState(round + 9, null, commitIndex), run(first, 10, round + 1)));
      if (round % 10 == 0) {
        log.compact(log.lastIndex() - 20);
      }
    }
    done.set(true);

    for (Future<Integer> reader : readers) {
      assertThat(reader.get()).isPositive();
    }
    pool.shutdown();
  }

  private static int readUntil(AtomicBoolean done, LogStore log) {
    int reads = 0;
    while (!done.get() || reads == 0) {
      try {
        List<LogEntry> entries = log.read(log.baseIndex() + 1, Long.MAX_VALUE, 1 << 20);
        // Batches are atomic: the last one is always there in full.
        long lastTerm = entries.get(entries.size() - 1).term();
        assertThat(entries.stream().filter(entry -> entry.term() == lastTerm).count())
            .isGreaterThanOrEqualTo(5);
        reads++;
      } catch (LogException.Compacted e) {
        assertThat(log.baseIndex()).isPositive(); // The base moved between the two calls.
      }
    }
    return reads;
  }

  static void refuses(LogStore log, LogBatch batch, String reason) {
    assertThatThrownBy(() -> log.write(batch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  static LogBatch batch(HardState hardState, List<LogEntry> entries) {
    return new LogBatch(entries, hardState);
  }

  /** Entries from an index on, one for each term given. */
  static List<LogEntry> entries(long firstIndex, long... terms) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(firstIndex + i, terms[i]));
    }
    return entries;
  }

  /** So many entries of one term. */
  static List<LogEntry> run(long firstIndex, int count, long term) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(entry(firstIndex + i, term));
    }
    return entries;
  }

  private static LogEntry entry(long index, long term) {
    byte[] payload = ("entry of term " + term).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new LogEntry(index, term, EntryKind.COMMANDS, payload);
  }

  static long sizeOf(List<LogEntry> entries) {
    return entries.stream()
        .mapToLong(entry -> LogStore.ENTRY_OVERHEAD_BYTES + entry.payload().length)
        .sum();
  }

  /** LogEntry's own equality leaves the payload out. */
  static void assertSame(List<LogEntry> actual, List<LogEntry> expected) {
    assertThat(actual).isEqualTo(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).payload()).isEqualTo(expected.get(i).payload());
      assertThat(actual.get(i).kind()).isEqualTo(expected.get(i).kind());
    }
  }
}
