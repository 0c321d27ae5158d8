package heartwood.raft.core;

import heartwood.raft.message.Message.RequestVote;
import heartwood.raft.message.Message.RequestVoteReply;
import heartwood.raft.message.NodeId;
import java.util.HashMap;
import java.util.Map;

/**
 * When to stand for election, whom to vote for, and how the votes stand (Raft §5.2 and §5.4.1,
 * pre-vote of thesis §9.6). What follows from it, another role, is {@link RaftCore}'s. Confined to
 * the core.
 */
final class Election {
  /** How an election stands. */
  enum Outcome {
    OPEN,
    WON,
    /** So many refused that a majority cannot agree any more. */
    LOST
  }

  private final RaftState state;
  private final Outbox outbox;
  private final SplitMix64 random;

  private int elapsedTicks;

  /** The election timeout of this turn, drawn anew each time so that votes rarely split. */
  private int deadlineTicks;

  /** What this node's vote is promised to. */
  private final VotePromise promise = new VotePromise();

  /** Volatile state of candidates: who has answered, and what. */
  private final Map<NodeId, Boolean> votes = new HashMap<>();

  Election(RaftState state, Outbox outbox, long seed) {
    this.state = state;
    this.outbox = outbox;
    this.random = new SplitMix64(seed);
    resetTimer();
  }

  // ---- The election timer ----

  void tick() {
    elapsedTicks++;
    promise.tick();
  }

  /** Begins to wait anew, for as long as chance will have it. */
  void resetTimer() {
    elapsedTicks = 0;
    deadlineTicks = timeoutTicks() + random.nextInt(timeoutTicks());
  }

  int elapsedTicks() {
    return elapsedTicks;
  }

  /** No leader was heard for too long. */
  boolean isOverdue() {
    return elapsedTicks >= deadlineTicks;
  }

  void onLeaderHeard() {
    elapsedTicks = 0;
    promise.give(timeoutTicks());
  }

  /** A node that starts may have heard a leader, and has forgotten. */
  void onRestart() {
    promise.give(timeoutTicks());
  }

  /** As a leader, it looks after its majority once in an election timeout. */
  void onElected() {
    elapsedTicks = 0;
  }

  /** Whether a leader is to look after its majority now (check-quorum, thesis §6.2). */
  boolean takeQuorumCheck() {
    boolean isDue = elapsedTicks >= timeoutTicks();
    elapsedTicks = isDue ? 0 : elapsedTicks;
    return isDue;
  }

  private int timeoutTicks() {
    return state.options().electionTimeoutTicks();
  }

  // ---- Giving votes ----

  /**
   * Thesis §4.2.3: who hears a leader does not help to depose it, unless that leader asks for it.
   */
  boolean isBoundAgainst(RequestVote request) {
    boolean leaderIsAlive = state.isLeader() || promise.holds();
    return leaderIsAlive && !request.transfer();
  }

  /** So that a pre-candidate need not wait. The term that is reported is this node's own. */
  void refuse(NodeId from, RequestVote request) {
    outbox.send(from, new RequestVoteReply(state.currentTerm(), request.preVote(), false));
  }

  void onRequestVote(NodeId from, RequestVote request) {
    long currentTerm = state.currentTerm();
    NodeId votedFor = state.votedFor();
    boolean termIsOpen =
        request.preVote()
            ? request.term() > currentTerm
            : request.term() == currentTerm && (votedFor == null || votedFor.equals(from));
    // A vote counts once it is durable: who could not give one soon does not promise it.
    boolean granted =
        termIsOpen
            && !(request.preVote() && state.disk().isStalled())
            && (request.preVote() || state.leader() == null || state.isLedBy(from))
            && state.log().isUpToDate(request.lastLogIndex(), request.lastLogTerm());
    if (granted && !request.preVote()) {
      if (votedFor == null) {
        state.voteFor(from);
      }
      resetTimer();
    }
    long term = request.preVote() && granted ? request.term() : currentTerm;
    outbox.send(from, new RequestVoteReply(term, request.preVote(), granted));
  }

  // ---- Asking for votes ----

  void clearVotes() {
    votes.clear();
  }

  /** Asks all others. */
  void requestVotes(boolean preVote, boolean transfer) {
    long term = preVote ? state.currentTerm() + 1 : state.currentTerm();
    RaftLog log = state.log();
    for (NodeId peer : state.peers()) {
      outbox.send(peer, new RequestVote(term, log.lastIndex(), log.lastTerm(), preVote, transfer));
    }
  }

  /** A vote that counts whatever was said before: one's own, or a promise to a pre-candidate. */
  void grant(NodeId voter) {
    votes.put(voter, true);
  }

  /** What a voter says first, counts. */
  void note(NodeId voter, boolean granted) {
    votes.putIfAbsent(voter, granted);
  }

  int answerCount() {
    return votes.size();
  }

  Outcome outcome() {
    if (Quorum.agrees(state.configuration(), node -> votes.getOrDefault(node, false))) {
      return Outcome.WON;
    }
    return Quorum.refuses(state.configuration(), node -> !votes.getOrDefault(node, true))
        ? Outcome.LOST
        : Outcome.OPEN;
  }
}
