package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.tests.process.PastNotes.Note;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * All nodes tell the same past, whatever happened to them meanwhile. {@code -Dpast.writes=100000
 * -Dpast.kills=20 -Dpast.moments=500} for a long run, {@code -Dseed=…} for the same commands and
 * faults again.
 */
class PastAgreementTest {
  private static final int WRITERS = 3;
  private static final int WRITES = Integer.getInteger("past.writes", 4500);
  private static final int KILLS = Integer.getInteger("past.kills", 3);
  private static final int MOMENTS = Integer.getInteger("past.moments", 8);
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final String REPLAY =
      "-Dtest=PastAgreementTest -Dseed=" + SEED + " -Dpast.writes=" + WRITES;
  private static final Duration BOUND = Duration.ofSeconds(Math.max(60, WRITES / 100));

  @RegisterExtension
  final RunningCluster cluster =
      new RunningCluster(3, "--overlay-max-bytes", "1mb", "--log-max-bytes", "1mb");

  private final Random random = new Random(SEED);
  private final PastNotes notes = new PastNotes();

  @Test
  void allNodesTellTheSamePastAfterLeadersWereKilled() throws IOException {
    try {
      ClusterRig rig = cluster.rig();
      writeWhileLeadersAreKilled();
      rig.requireEqualDigests();
      judge(1);
      int restarted = 1 + random.nextInt(rig.size());
      rig.terminate(restarted); // What it read from memory it now reads from its files.
      rig.restart(restarted);
      requireAlikeBeyondTheHorizon();
    } catch (AssertionError | IOException | RuntimeException e) {
      throw new AssertionError(e.getMessage() + "\nreplay: " + REPLAY, e);
    }
  }

  private void writeWhileLeadersAreKilled() {
    ClusterRig rig = cluster.rig();
    List<PastWriter> writers = new ArrayList<>();
    try {
      for (int i = 0; i < WRITERS; i++) {
        writers.add(PastWriter.start(rig, notes, random.nextLong()));
      }
      for (int kill = 1; kill <= KILLS; kill++) {
        awaitWrites(writers, (long) WRITES * kill / (KILLS + 1));
        int leader = rig.awaitLeader();
        long term = rig.term(leader);
        rig.kill(leader);
        rig.awaitLeaderAfter(term);
        awaitWrites(writers, notes.acknowledged() + 200);
        rig.restart(leader);
        rig.awaitAllAnswering();
      }
      awaitWrites(writers, WRITES);
    } finally {
      writers.forEach(PastWriter::close);
    }
  }

  private void awaitWrites(List<PastWriter> writers, long count) {
    Await.until(
        () -> notes.acknowledged() + " of " + count + " writes",
        BOUND,
        () -> {
          writers.forEach(PastWriter::requireNoFailure);
          return notes.acknowledged() >= count;
        });
  }

  private void judge(long lowest) throws IOException {
    long begin = System.nanoTime();
    try (PastJudge judge = new PastJudge(cluster.rig())) {
      List<Note> all = new ArrayList<>(notes.all());
      Collections.shuffle(all, random);
      List<Note> chosen = all.subList(0, Math.min(all.size(), MOMENTS * 20));
      judge.requireStillTrue(chosen);
      for (int database = 0; database < PastWriter.DATABASES; database++) {
        judgeDatabase(judge, database, lowest, all);
      }
      Map<String, String> history = cluster.rig().info(1, "history");
      System.out.println(
          "seed "
              + SEED
              + ": "
              + notes.acknowledged()
              + " writes, "
              + judge.lastRevision()
              + " revisions, "
              + chosen.size()
              + " notes, "
              + judge.asked()
              + " questions to each node in "
              + (System.nanoTime() - begin) / 1_000_000
              + " ms, runs "
              + history.get("history_runs")
              + ", versions "
              + history.get("history_versions")
              + ", merged bytes "
              + history.get("history_merged_bytes"));
    }
  }

  private void judgeDatabase(PastJudge judge, int database, long lowest, List<Note> all)
      throws IOException {
    int moments = Math.max(2, database == 0 ? MOMENTS : MOMENTS / 4);
    TreeSet<Long> revisions = new TreeSet<>();
    revisions.add(judge.lastRevision());
    for (int i = 0; i < moments; i++) {
      revisions.add(
          i % 2 == 0
              ? all.get(random.nextInt(all.size())).revision()
              : lowest + random.nextInt((int) (judge.lastRevision() - lowest)));
    }
    List<PastDigest> digests = new ArrayList<>();
    for (long revision : revisions) {
      digests.add(judge.digest(database, revision));
    }
    TreeSet<String> names = new TreeSet<>();
    digests.forEach(digest -> names.addAll(digest.keys().keySet()));
    for (int i = 0; i < Math.max(2, moments / 8); i++) {
      judge.requireHistoriesFit(digests.get(random.nextInt(digests.size())), names);
    }
    for (int i = 0; i < moments; i++) {
      int first = random.nextInt(digests.size());
      int second = first + random.nextInt(digests.size() - first);
      judge.requireDiffFits(digests.get(first), digests.get(second), 1 + random.nextInt(300));
    }
  }

  /** A pin in the middle holds the horizon; later it goes on. */
  private void requireAlikeBeyondTheHorizon() throws IOException {
    ClusterRig rig = cluster.rig();
    long pinned;
    try (PastJudge judge = new PastJudge(rig);
        RawConnection leader = rig.connect(rig.awaitLeader())) {
      pinned = judge.lastRevision() / 2 + random.nextInt(1000);
      PastDigest before = judge.digest(0, pinned);
      PastDigest later = judge.digest(0, judge.lastRevision());
      String moment = "@" + pinned;
      assertThat(RawConnection.errorOf(leader.call("TIMELINE", "PIN", "here", moment))).isNull();
      leader.call("TIMELINE", "SET", "history-retention", "1s");
      judge.awaitForgotten(pinned / 2);
      assertThat(judge.digest(0, pinned).keys()).isEqualTo(before.keys());
      judge.requireDiffFits(before, later, 50);
      for (int i = 0; i < 20; i++) {
        Reply reply = judge.ask("AT", "@" + random.nextInt((int) pinned / 2), "KEYS", "*");
        assertThat(RawConnection.errorOf(reply)).startsWith("COMPACTED @");
      }
    }
    judgeYoungerThan(pinned);
    try (PastJudge judge = new PastJudge(rig);
        RawConnection leader = rig.connect(rig.awaitLeader())) {
      PastDigest now = judge.digest(0, judge.lastRevision());
      leader.call("TIMELINE", "UNPIN", "here");
      judge.awaitForgotten(judge.lastRevision() - 100);
      leader.call("TIMELINE", "SET", "history-retention", "1h"); // What is left stays.
      try (PastJudge after = new PastJudge(rig)) {
        PastDigest later = after.digest(0, after.lastRevision());
        assertThat(later.keys().keySet()).isSubsetOf(now.keys().keySet());
        after.requireHistoriesFit(later, later.keys().keySet());
      }
    }
  }

  private void judgeYoungerThan(long revision) throws IOException {
    PastNotes kept = new PastNotes();
    notes.all().stream().filter(note -> note.revision() > revision).forEach(kept::add);
    try (PastJudge judge = new PastJudge(cluster.rig())) {
      judge.requireStillTrue(kept.all());
      judgeDatabase(judge, 0, revision, kept.all());
    }
  }
}
