package heartwood.tests.simulation.mutation;

import heartwood.tests.simulation.mutation.Mutant.Mode;
import java.util.ArrayList;
import java.util.List;

/**
 * Breaks of what stands on consensus: commands, time, the store, the order of answers. Stateless.
 */
final class NodeMutants {
  private static final String SERVER = "server/src/main/java/heartwood/server/";
  private static final String STATE = SERVER + "replication/ReplicatedKeyspace.java";
  private static final String PRESENT = SERVER + "replication/PresentState.java";
  private static final String BATCH_READS = SERVER + "replication/BatchReads.java";
  private static final String WRITE_PATH = SERVER + "dispatch/WritePath.java";
  private static final String PROPOSALS =
      "raft/src/main/java/heartwood/raft/node/OpenProposals.java";
  private static final String DRIVER =
      "storage-lmdb/src/main/java/heartwood/storage/version/CheckpointDriver.java";

  private NodeMutants() {}

  static List<Mutant> all() {
    List<Mutant> all = new ArrayList<>();
    addTime(all);
    addAnswers(all);
    addState(all);
    return all;
  }

  private static Mutant node(String name, String file, String snippet, String replacement) {
    return new Mutant(name, file, snippet, replacement, Mode.NODE);
  }

  private static void addTime(List<Mutant> all) {
    all.add(
        node(
            "expires by the local clock",
            STATE,
            "state.store().write(revision, spec.id()),\n"
                + "            new CommandContext(state.stampMillis(), seed, revision),",
            "state.store().write(revision, spec.id()),\n            new CommandContext("
                + "Math.max(state.stampMillis(), clockMillis.getAsLong()), seed, revision),"));
    all.add(
        node(
            "reads do not wait for time",
            BATCH_READS,
            "if (state.isInitialized() && isOfNow && dependsOnLaterTime(sinceMillis)) {",
            "if (state.isInitialized() && isOfNow && sinceMillis == Long.MIN_VALUE) {"));
    all.add(
        node(
            "lets time go back",
            PRESENT,
            "stampMillis = Math.max(stampMillis, millis);",
            "stampMillis = millis;"));
    all.add(
        node(
            "draws chance of its own",
            STATE,
            "long seed = EntryFormat.seed(payload);",
            "long seed = System.nanoTime();"));
  }

  private static void addAnswers(List<Mutant> all) {
    all.add(
        node(
            "a read is overtaken by a later write",
            WRITE_PATH,
            "open.addLast(batch);",
            "if (rides) { read(batch); return; } open.addLast(batch);"));
    all.add(
        node(
            "a refusal overtakes an answer",
            PROPOSALS,
            "if (!own.isEmpty()) {\n        applyLater(fromIndex, index, own);",
            "if (own.size() > 1000) {\n        applyLater(fromIndex, index, own);"));
    all.add(
        node(
            "calls what is unknown not executed",
            WRITE_PATH,
            "boolean isUnknown = failed.fate() == Fate.UNKNOWN;",
            "boolean isUnknown = false;"));
    all.add(
        node(
            "executes reads without a round",
            "raft/src/main/java/heartwood/raft/core/LeaderReads.java",
            "if (queue.isOut()\n"
                + "        && Quorum.agrees(\n"
                + "            state.configuration(), node -> isSelf(node) ||"
                + " queue.isConfirmedBy(node))) {",
            "if (queue.isOut()) {"));
  }

  private static void addState(List<Mutant> all) {
    all.add(
        node(
            "keeps half a checkpoint",
            DRIVER,
            "UnfinishedCheckpoint.rollBack(tables, target);",
            ""));
    all.add(
        node(
            "forgets the revision at a start", PRESENT, "    revision = stored.revision();\n", ""));
    all.add(
        node("forgets the time at a start", PRESENT, "    stampMillis = stored.stamp();\n", ""));
    all.add(
        node(
            "leaves a command of an entry out",
            STATE,
            "if (proposal == null) {",
            "if (proposal == null && EntryFormat.commandCount(payload) > 3) {"
                + " offset = payload.length; } else if (proposal == null) {"));
  }
}
