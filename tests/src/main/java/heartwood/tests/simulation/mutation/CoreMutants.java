package heartwood.tests.simulation.mutation;

import heartwood.tests.simulation.mutation.Mutant.Mode;
import java.util.ArrayList;
import java.util.List;

/**
 * Breaks of consensus, and of the node around it. Stateless.
 *
 * <p>Not here, because another rule makes up for them:
 *
 * <ul>
 *   <li>A change of members before an entry of the own term is committed: it breaks changes of one
 *       voter at a time (the flaw of thesis §4.1). Here all voters change through a joint
 *       configuration, whose leader needs a majority of the voters before it; those hold what was
 *       committed meanwhile, and refuse.
 *   <li>A change on top of one that is not joint and not committed: its voters are a half of the
 *       joint configuration before it, or the same as before, so a majority of them has to agree to
 *       either.
 * </ul>
 */
final class CoreMutants {
  private static final String RAFT = "raft/src/main/java/heartwood/raft/";
  private static final String STATE = RAFT + "core/RaftState.java";
  private static final String OUTBOX = RAFT + "core/Outbox.java";
  private static final String ELECTION = RAFT + "core/Election.java";
  private static final String LEADER_LOG = RAFT + "core/LeaderLog.java";
  private static final String FOLLOWER_LOG = RAFT + "core/FollowerLog.java";
  private static final String MEMBERSHIP = RAFT + "core/Membership.java";
  private static final String LEADER_READS = RAFT + "core/LeaderReads.java";
  private static final String QUORUM = RAFT + "core/Quorum.java";
  private static final String PROPOSALS = RAFT + "node/OpenProposals.java";
  private static final String CORE_START = RAFT + "node/CoreStart.java";
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
            ELECTION,
            "request.term() == currentTerm && (votedFor == null || votedFor.equals(from))",
            "request.term() == currentTerm"));
    all.add(
        core(
            "votes for a log that is behind",
            ELECTION,
            "&& state.log().isUpToDate(request.lastLogIndex(), request.lastLogTerm())",
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
            FOLLOWER_LOG,
            "!log.matches(prevLogIndex, append.prevLogTerm())) {",
            "prevLogIndex > log.lastIndex()) {"));
    all.add(
        core(
            "keeps an entry that conflicts",
            FOLLOWER_LOG,
            "if (entry.index() > log.baseIndex() && !log.matches(entry.index(), entry.term())) {",
            "if (entry.index() > log.lastIndex()) {"));
    all.add(
        core(
            "forgets that what was cut was durable",
            OUTBOX,
            "state.setDurableIndex(Math.min(state.durableIndex(), fromIndex - 1));",
            ""));
    all.add(
        core(
            "sends what the disk is about to cut",
            RAFT + "node/EntrySender.java",
            "long lastIndex = Math.min(toIndex, cache.firstIndex() - 1);",
            "long lastIndex = Math.min(toIndex, log.lastIndex());"));
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
            LEADER_LOG,
            "if (index <= commitIndex || log.termAt(index) != state.currentTerm()) {",
            "if (index <= commitIndex) {"));
    all.add(
        core(
            "learns a commit beyond what matches",
            FOLLOWER_LOG,
            "learnCommitIndex(Math.min(append.leaderCommit(), lastNewIndex));",
            "learnCommitIndex(Math.min(append.leaderCommit(), log.lastIndex()));"));
    all.add(
        core(
            "a heartbeat commits beyond what matches",
            RAFT + "core/Heartbeats.java",
            "long known = Math.min(state.commitIndex(), progress.matchIndex());",
            "long known = state.commitIndex();"));
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
            FOLLOWER_LOG,
            "if (claimed <= state.durableIndex()) {",
            "if (claimed <= log.lastIndex()) {"));
    all.add(
        core(
            "a leader counts its own unwritten entries",
            LEADER_LOG,
            "? state.disk().claimable(state.durableIndex())",
            "? log.lastIndex()"));
    all.add(
        core(
            "does not write its vote",
            STATE,
            """
                votedFor = candidate;
                hardStateChanged = true;
            """
                .indent(0),
            "votedFor = candidate;\n"));
    all.add(
        core(
            "does not write a newer term",
            STATE,
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
            OUTBOX,
            "if (state.hardStateChanged() || hardStateSequence > durableSequence) {",
            "if (false) {"));
    all.add(
        core(
            "cuts the log beyond the checkpoint",
            RAFT + "node/LogCompaction.java",
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
            "changes voters without a joint configuration",
            MEMBERSHIP,
            "append(configuration.enterJoint(voters));",
            "append(configuration.enterJoint(voters).leaveJoint());"));
    all.add(
        core(
            "begins a change within a joint one",
            MEMBERSHIP,
            "return isSettled() ? null : ProposalRejected.Reason.CHANGING;",
            "return null;"));
    all.add(
        core(
            "keeps a configuration that was cut",
            FOLLOWER_LOG,
            "configurations.truncate(fromIndex);",
            ""));
    all.add(
        core(
            "an installed snapshot leaves the log",
            PULL,
            "log.reset(index, snapshot.lastIncludedTerm());",
            ""));
    all.add(
        core(
            "a start leaves a log behind the state",
            CORE_START,
            "      log.reset(index, term);\n",
            ""));
    all.add(
        core(
            "a start ignores the snapshot's term",
            CORE_START,
            "log.write(new LogBatch(List.of(), new HardState(term, null,"
                + " hardState.commitIndex())));",
            ""));
  }

  private static void addReadsAndReplies(List<Mutant> all) {
    all.add(
        core(
            "reads without asking a majority",
            LEADER_READS,
            "if (queue.isOut()\n"
                + "        && Quorum.agrees(\n"
                + "            state.configuration(), node -> isSelf(node) ||"
                + " queue.isConfirmedBy(node))) {",
            "if (queue.isOut()) {"));
    all.add(
        core(
            "any round confirms any read",
            RAFT + "core/ReadIndexQueue.java",
            "if (isOut && confirmedRound == round) {",
            "if (isOut) {"));
    all.add(
        core(
            "reads before it knows the commit",
            LEADER_READS,
            "if (queue.canBegin() && leaderLog.knowsCommitted()) {",
            "if (queue.canBegin()) {"));
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
            "return askedReadId > 0 && askedId == requestId;",
            "return askedReadId > 0;"));
    all.add(
        core(
            "reads before it has applied",
            APPLIER,
            "stuck.getFirst().index() <= stateMachine.appliedIndex()",
            "stuck.getFirst().index() >= 0"));
    all.add(
        core(
            "calls what was overwritten not executed",
            PROPOSALS,
            "replaced.proposal().unknown();",
            "replaced.proposal().notExecuted();"));
    all.add(
        core(
            "calls what it lost sight of not executed",
            PROPOSALS,
            "abandoned.forEach(pending -> pending.proposal().unknown());",
            "abandoned.forEach(pending -> pending.proposal().notExecuted());"));
    all.add(
        core(
            "acknowledges another's entry at its place",
            PROPOSALS,
            "if (isHere && core.termAt(index) == pending.term()) {",
            "if (isHere) {"));
  }
}
