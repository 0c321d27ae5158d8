package heartwood.tests.simulation.mutation;

import heartwood.tests.simulation.mutation.Mutant.Mode;
import java.util.ArrayList;
import java.util.List;

/** Breaks of consensus, and of the node around it. Stateless. */
final class CoreMutants {
  private static final String RAFT = "raft/src/main/java/heartwood/raft/";
  private static final String CORE = RAFT + "core/RaftCore.java";
  private static final String QUORUM = RAFT + "core/Quorum.java";
  private static final String NODE = RAFT + "node/RaftNode.java";
  private static final String APPLIER = RAFT + "node/Applier.java";
  private static final String PULL = RAFT + "node/SnapshotPull.java";

  private CoreMutants() {}

  static List<Mutant> all() {
    List<Mutant> all = new ArrayList<>();
    addElections(all);
    addReplication(all);
    addCommitment(all);
    addDurability(all);
    addMembershipAndSnapshots(all);
    addReadsAndReplies(all);
    return all;
  }

  private static Mutant core(String name, String file, String snippet, String replacement) {
    return new Mutant(name, file, snippet, replacement, Mode.CORE);
  }

  private static void addElections(List<Mutant> all) {
    all.add(
        core(
            "votes twice in a term",
            CORE,
            "request.term() == currentTerm && (votedFor == null || votedFor.equals(from))",
            "request.term() == currentTerm"));
    all.add(
        core(
            "votes for a log that is behind",
            CORE,
            "&& log.isUpToDate(request.lastLogIndex(), request.lastLogTerm())",
            ""));
    all.add(
        core(
            "half of the votes is a majority",
            QUORUM,
            "filter(yes).count() > voters.size() / 2",
            "filter(yes).count() >= voters.size() / 2"));
  }

  private static void addReplication(List<Mutant> all) {
    all.add(
        core(
            "leaves the entry before unchecked",
            CORE,
            "!log.matches(prevLogIndex, append.prevLogTerm())) {",
            "prevLogIndex > log.lastIndex()) {"));
    all.add(
        core(
            "keeps an entry that conflicts",
            CORE,
            "if (entry.index() > log.baseIndex() && !log.matches(entry.index(), entry.term())) {",
            "if (entry.index() > log.lastIndex()) {"));
    all.add(
        core(
            "forgets that what was cut was durable",
            CORE,
            "durableIndex = Math.min(durableIndex, fromIndex - 1);",
            "durableIndex = Math.min(durableIndex, log.lastIndex() + entries.size());"));
    all.add(
        core(
            "sends what the disk is about to cut",
            NODE,
            "log.read(fromIndex, Math.min(toIndex, cache.firstIndex() - 1), maxBytes)",
            "log.read(fromIndex, Math.min(toIndex, log.lastIndex()), maxBytes)"));
  }

  private static void addCommitment(List<Mutant> all) {
    all.add(
        core(
            "commits without a majority",
            QUORUM,
            "indexes[(indexes.length - 1) / 2]",
            "indexes[indexes.length - 1]"));
    all.add(
        core(
            "commits an older term by counting",
            CORE,
            "if (index <= commitIndex || log.termAt(index) != currentTerm) {",
            "if (index <= commitIndex) {"));
    all.add(
        core(
            "learns a commit beyond what matches",
            CORE,
            "learnCommitIndex(Math.min(append.leaderCommit(), lastNewIndex));",
            "learnCommitIndex(Math.min(append.leaderCommit(), log.lastIndex()));"));
    all.add(
        core(
            "a heartbeat commits beyond what matches",
            CORE,
            "long known = Math.min(commitIndex, progress.matchIndex());",
            "long known = commitIndex;"));
    all.add(
        core(
            "the outgoing majority is not asked",
            QUORUM,
            """
                return configuration.isJoint()
                    ? Math.min(index, majorityIndex(configuration.outgoing(), matchIndex))
                    : index;
            """
                .indent(0),
            "return index;\n"));
    all.add(
        core(
            "applies entries twice",
            APPLIER,
            "stateMachine.apply(entry, own);",
            "stateMachine.apply(entry, own);"
                + " if (entry.index() % 50 == 0) { stateMachine.apply(entry, null); }"));
    all.add(
        core(
            "applies from where the commit began",
            APPLIER,
            "long index = applied + 1;",
            "long index = range.fromIndex;"));
  }

  private static void addDurability(List<Mutant> all) {
    all.add(
        core(
            "acknowledges before the sync",
            CORE,
            "if (claimed <= durableIndex) {",
            "if (claimed <= log.lastIndex()) {"));
    all.add(
        core(
            "a leader counts its own unwritten entries",
            CORE,
            "node -> node.equals(self) ? disk.claimable(durableIndex) : matchIndexOf(node));",
            "node -> node.equals(self) ? log.lastIndex() : matchIndexOf(node));"));
    all.add(
        core(
            "does not write its vote",
            CORE,
            """
                    votedFor = from;
                    hardStateChanged = true;
            """
                .indent(0),
            "votedFor = from;\n"));
    all.add(
        core(
            "does not write a newer term",
            CORE,
            """
                  currentTerm = term;
                  votedFor = null;
                  hardStateChanged = true;
            """
                .indent(0),
            "currentTerm = term;\nvotedFor = null;\n"));
    all.add(
        core(
            "sends before term and vote are durable",
            CORE,
            "if (hardStateChanged || hardStateSequence > durableSequence) {",
            "if (false) {"));
    all.add(
        core(
            "cuts the log beyond the checkpoint",
            NODE,
            "long upTo = Math.min(cut, Math.min(stateMachine.durableIndex(),"
                + " core.durableIndex()));",
            "long upTo = Math.min(cut, core.durableIndex());"));
  }

  private static void addMembershipAndSnapshots(List<Mutant> all) {
    all.add(
        core(
            "one majority is enough to be elected",
            QUORUM,
            "&& (!configuration.isJoint() || majorityAgrees(configuration.outgoing(), yes))",
            ""));
    all.add(
        core(
            "changes members before it knows the commit",
            CORE,
            "if (commitIndex < ownTermIndex) {\n      return ProposalRejected.Reason.NOT_READY;",
            "if (commitIndex < 0) {\n      return ProposalRejected.Reason.NOT_READY;"));
    all.add(
        core(
            "begins a change within a change",
            CORE,
            "return isSettled ? null : ProposalRejected.Reason.CHANGING;",
            "return configuration().isJoint() ? ProposalRejected.Reason.CHANGING : null;"));
    all.add(
        core(
            "keeps a configuration that was cut", CORE, "configurations.truncate(fromIndex);", ""));
    all.add(
        core(
            "an installed snapshot leaves the log",
            PULL,
            "log.reset(index, snapshot.lastIncludedTerm());",
            ""));
    all.add(
        core("a start leaves a log behind the state", NODE, "      log.reset(index, term);\n", ""));
    all.add(
        core(
            "a start ignores the snapshot's term",
            NODE,
            "log.write(new LogBatch(List.of(), new HardState(term, null,"
                + " hardState.commitIndex())));",
            ""));
  }

  private static void addReadsAndReplies(List<Mutant> all) {
    all.add(
        core(
            "reads without asking a majority",
            CORE,
            "if (reads.isOut()\n"
                + "        && Quorum.agrees(configuration(), node -> node.equals(self) ||"
                + " reads.isConfirmedBy(node))) {",
            "if (reads.isOut()) {"));
    all.add(
        core(
            "any round confirms any read",
            RAFT + "core/ReadIndexQueue.java",
            "if (isOut && confirmedRound == round) {",
            "if (isOut) {"));
    all.add(
        core(
            "reads before it knows the commit",
            CORE,
            "if (reads.canBegin() && commitIndex >= ownTermIndex) {",
            "if (reads.canBegin()) {"));
    all.add(
        core(
            "a voter forgets what it promised",
            RAFT + "core/VotePromise.java",
            "return ticksLeft > 0;",
            "return ticksLeft > 1_000_000;"));
    all.add(
        core(
            "a lease lasts twice as long",
            RAFT + "node/LeaderLease.java",
            "term == ofTerm && clock.nanosSince(since) < lengthNanos",
            "term == ofTerm && clock.nanosSince(since) < 2 * lengthNanos"));
    all.add(
        core(
            "any answer is one to a follower's question",
            RAFT + "core/FollowerReads.java",
            "if (isOut(answeredId)) {",
            "if (askedReadId > 0) {"));
    all.add(
        core(
            "reads before it has applied",
            APPLIER,
            "stuck.getFirst().index() <= stateMachine.appliedIndex()",
            "stuck.getFirst().index() >= 0"));
    all.add(
        core(
            "calls what was overwritten not executed",
            NODE,
            "replaced.proposal().unknown();",
            "replaced.proposal().notExecuted();"));
    all.add(
        core(
            "calls what it lost sight of not executed",
            NODE,
            "abandoned.forEach(pending -> pending.proposal().unknown());",
            "abandoned.forEach(pending -> pending.proposal().notExecuted());"));
    all.add(
        core(
            "acknowledges another's entry at its place",
            NODE,
            "if (isHere && core.termAt(index) == pending.term()) {",
            "if (isHere) {"));
  }
}
