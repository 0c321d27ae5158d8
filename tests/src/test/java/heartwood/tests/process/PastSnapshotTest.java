package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A node that comes back through a snapshot (Raft §7) has got the past with it, and forgets what
 * the others forgot. {@code -Dpast.writes=50000} for more of it, {@code -Dseed=…} for the same
 * commands again.
 */
class PastSnapshotTest {
  private static final int WRITERS = 2;
  private static final int WRITES = Integer.getInteger("past.writes", 1500);
  private static final int MOMENTS = Integer.getInteger("past.moments", 12);
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final String REPLAY =
      "-Dtest=PastSnapshotTest -Dseed=" + SEED + " -Dpast.writes=" + WRITES;
  private static final Duration BOUND = Duration.ofSeconds(Math.max(60, WRITES / 50));

  @RegisterExtension
  final RunningCluster cluster =
      new RunningCluster(3, "--overlay-max-bytes", "1mb", "--log-max-bytes", "1mb");

  private final Random random = new Random(SEED);
  private final PastNotes notes = new PastNotes();

  @Test
  void aNodeThatWasAwayForTooLongTellsThePastOfBeforeAndOfMeanwhile() throws IOException {
    try {
      int away = leaveAndOutgrowLog();
      comeBack(away);
      try (PastJudge judge = new PastJudge(cluster.rig())) {
        judge.requireStillTrue(notes.all());
        judgeFrom(judge, 1);
      }
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\nreplay: " + REPLAY, e);
    }
  }

  @Test
  void whatWasForgottenMeanwhileIsRefusedByANodeThatComesBackToo() throws IOException {
    ClusterRig rig = cluster.rig();
    try {
      int away = leaveAndOutgrowLog();
      long pinned;
      try (RawConnection leader = rig.connect(rig.awaitLeader())) {
        long last = Replied.lastRevision(leader);
        pinned = last - last / 3;
        assertThat(RawConnection.errorOf(leader.call("TIMELINE", "PIN", "here", "@" + pinned)))
            .isNull();
        leader.call("TIMELINE", "SET", "history-retention", "500ms");
        Await.until(
            "half of it is forgotten",
            BOUND,
            () ->
                String.valueOf(errorOf(leader, "AT", "@" + last / 2, "DBSIZE"))
                    .startsWith("COMPACTED "));
        outgrowLog(away);
      }
      comeBack(away);
      try (PastJudge judge = new PastJudge(rig)) {
        for (int i = 0; i < MOMENTS; i++) {
          String moment = "@" + random.nextInt((int) pinned / 2);
          assertThat(RawConnection.errorOf(judge.ask("AT", moment, "KEYS", "*")))
              .startsWith("COMPACTED " + moment);
        }
        PastNotes kept = new PastNotes();
        notes.all().stream().filter(note -> note.revision() >= pinned).forEach(kept::add);
        judge.requireStillTrue(kept.all());
        judgeFrom(judge, pinned);
      }
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\nreplay: " + REPLAY, e);
    }
  }

  private static @Nullable String errorOf(RawConnection connection, String... words) {
    try {
      return RawConnection.errorOf(connection.call(words));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A follower dies, the others write on; returns which. */
  private int leaveAndOutgrowLog() {
    ClusterRig rig = cluster.rig();
    write(WRITES, () -> true);
    int away = rig.follower();
    rig.kill(away);
    outgrowLog(away);
    return away;
  }

  private void outgrowLog(int away) {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int other = 6 - leader - away;
    long lastOfAway = rig.lastLogIndex(leader);
    write(
        WRITES,
        () -> rig.firstLogIndex(leader) > lastOfAway && rig.firstLogIndex(other) > lastOfAway);
  }

  private void write(int count, BooleanSupplier isEnough) {
    long wanted = notes.acknowledged() + count;
    List<PastWriter> writers = new ArrayList<>();
    try {
      for (int i = 0; i < WRITERS; i++) {
        writers.add(PastWriter.start(cluster.rig(), notes, random.nextLong()));
      }
      Await.until(
          () -> notes.acknowledged() + " of " + wanted + " writes",
          BOUND,
          () -> {
            writers.forEach(PastWriter::requireNoFailure);
            return notes.acknowledged() >= wanted && isEnough.getAsBoolean();
          });
    } finally {
      writers.forEach(PastWriter::close);
    }
  }

  private void comeBack(int away) {
    ClusterRig rig = cluster.rig();
    rig.restart(away);
    rig.requireEqualDigests();
    // The state is there before the log is fitted to it: the digests may be equal a moment earlier.
    Await.until("a snapshot was installed", BOUND, () -> rig.firstLogIndex(away) > 1);
  }

  private void judgeFrom(PastJudge judge, long lowest) throws IOException {
    for (int database = 0; database < PastWriter.DATABASES; database++) {
      TreeSet<Long> revisions = new TreeSet<>();
      for (int i = 0; i < MOMENTS; i++) {
        revisions.add(lowest + random.nextInt((int) (judge.lastRevision() - lowest) + 1));
      }
      List<PastDigest> digests = new ArrayList<>();
      for (long revision : revisions) {
        digests.add(judge.digest(database, revision));
      }
      TreeSet<String> names = new TreeSet<>();
      digests.forEach(digest -> names.addAll(digest.keys().keySet()));
      judge.requireHistoriesFit(digests.get(random.nextInt(digests.size())), names);
      for (int i = 0; i + 1 < digests.size(); i += 2) {
        judge.requireDiffFits(digests.get(i), digests.get(digests.size() - 1), 50);
      }
    }
    System.out.println(
        "seed " + SEED + ": " + judge.lastRevision() + " revisions, " + judge.asked() + " asked");
  }
}
