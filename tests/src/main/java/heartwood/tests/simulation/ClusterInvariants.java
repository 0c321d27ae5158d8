package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.core.RaftCore;
import heartwood.raft.core.Role;
import heartwood.raft.log.HardState;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What Raft guarantees (figure 3), looked at from above all nodes, after every step. Confined to
 * the simulation.
 *
 * <ul>
 *   <li>Election Safety: at most one leader in a term.
 *   <li>Leader Append-Only: a leader's log only grows.
 *   <li>Log Matching: {@link EntryCopies}, for each entry in a core, on a disk, on the wire.
 *   <li>Configuration: the one in force is the last in the log.
 *   <li>Leader Completeness: a new leader has every entry committed in an earlier term.
 *   <li>State Machine Safety: {@link RegisterHistory} sees to it.
 *   <li>Commitment: what is first known committed is on the disks of a majority, and the last of it
 *       is of the leader's own term (§5.4.2).
 *   <li>Monotony: term and commit index of a process never decrease, nor does the durable term.
 *   <li>Plausibility: nothing that nodes say to each other is refused by the rules for ill peers.
 *   <li>Durability: what a message claims is on its sender's disk when it leaves.
 * </ul>
 */
final class ClusterInvariants {
  /** What was last seen of a node, to find what has changed. */
  private static final class Seen {
    long term;
    long commitIndex;
    long leaderOfTerm;
    long lastIndex;
    long durableTerm;

    /** Whether the log was cut since its last configuration was compared with the one in force. */
    boolean wasCut;

    long[] terms = new long[64];

    void setTerm(long index, long term) {
      if (index >= terms.length) {
        terms = Arrays.copyOf(terms, (int) Math.max(index + 1, terms.length * 2L));
      }
      terms[(int) index] = term;
    }
  }

  private final List<SimNode> nodes;
  private final Map<NodeId, Seen> seenByNode = new HashMap<>();
  private final Map<Long, NodeId> leaderByTerm = new HashMap<>();
  private final EntryCopies copies = new EntryCopies();

  /** By index: the entry's term, and the term in which it was first known committed. */
  private long[] committedTerms = new long[1024];

  private long[] committedInTerm = new long[1024];
  private long committedIndex;

  /** By index: the configurations that any entry there, sent or written, has put in force. */
  private final TreeMap<Long, Map<Long, Configuration>> configurations = new TreeMap<>();

  /**
   * @param first configuration, of nodes that know of one at the start
   */
  ClusterInvariants(List<SimNode> nodes, Configuration first) {
    this.nodes = nodes;
    configurations.put(0L, Map.of(0L, first));
  }

  /** What is in force, or may come to be: the last one that is committed, and all behind it. */
  Set<Configuration> possibleConfigurations() {
    Set<Configuration> possible = new LinkedHashSet<>();
    for (Map.Entry<Long, Map<Long, Configuration>> each :
        configurations.descendingMap().entrySet()) {
      long index = each.getKey();
      Map<Long, Configuration> byTerm = each.getValue();
      Configuration committed = index > committedIndex ? null : byTerm.get(termOf(index));
      if (committed != null) {
        possible.add(committed);
        break;
      }
      possible.addAll(byTerm.values());
    }
    for (SimNode node : nodes) {
      RaftCore core = node.core();
      if (core != null && !core.configuration().equals(Configuration.NONE)) {
        possible.add(core.configuration()); // Neither sent nor written yet, perhaps.
      }
    }
    return possible;
  }

  private long termOf(long index) {
    return index == 0 ? 0 : committedTerm(index);
  }

  long committedIndex() {
    return committedIndex;
  }

  void onStart(SimNode node) {
    Seen seen = seenByNode.computeIfAbsent(node.id(), id -> new Seen());
    seen.term = 0;
    seen.commitIndex = 0;
    seen.leaderOfTerm = 0;
    seen.lastIndex = 0;
    seen.wasCut = false;
  }

  void afterStep(SimNode node) {
    RaftCore core = node.core();
    Seen seen = seenByNode.get(node.id());
    if (core == null || seen == null) {
      return;
    }
    require(core.currentTerm() >= seen.term, () -> node.id() + "'s term does not decrease");
    seen.term = core.currentTerm();
    checkLog(node, core, seen);
    checkLeader(node, core, seen);
    checkCommitIndex(node, core, seen);
    require(node.refusedMessages() == 0, () -> node.id() + " hears nothing that cannot be meant");
    long durableTerm = node.disk().hardState().currentTerm();
    require(durableTerm >= seen.durableTerm, () -> node.id() + "'s durable term does not decrease");
    seen.durableTerm = durableTerm;
  }

  /** Walks down from the end of the log to the first entry that is as it was. */
  private void checkLog(SimNode node, RaftCore core, Seen seen) {
    long lastIndex = core.lastIndex();
    boolean isLeading = core.role() == Role.LEADER && seen.leaderOfTerm == core.currentTerm();
    for (long index = lastIndex; index > core.baseIndex(); index--) {
      long term = core.termAt(index);
      if (index <= seen.lastIndex && seen.terms[(int) index] == term) {
        break;
      }
      seen.wasCut |= index <= seen.lastIndex;
      long at = index;
      require(
          !isLeading || at > seen.lastIndex, () -> node.id() + " leads and keeps its entry " + at);
      seen.setTerm(index, term);
      copies.onMet(node, index, term, core.termAt(index - 1), null);
    }
    require(
        !isLeading || lastIndex >= seen.lastIndex,
        () -> node.id() + " leads and its log only grows");
    if (core.baseIndex() > seen.lastIndex) {
      seen.setTerm(core.baseIndex(), core.termAt(core.baseIndex()));
    }
    seen.wasCut |= lastIndex < seen.lastIndex;
    seen.lastIndex = lastIndex;
    checkConfiguration(node, core, seen);
  }

  /**
   * The last configuration of a log is in force, and of one that was cut the one before it (Raft
   * §6). What stands in a log is known once it is on the disk.
   */
  private void checkConfiguration(SimNode node, RaftCore core, Seen seen) {
    long lastIndex = core.lastIndex();
    if (!seen.wasCut || !node.disk().holds(lastIndex, core.termAt(lastIndex))) {
      return;
    }
    seen.wasCut = false;
    Configuration last = lastConfiguration(core);
    require(
        last == null || core.configuration().equals(last),
        () -> node.id() + " has in force " + core.configuration() + ", and in its log " + last);
  }

  /** In a log, or before its base; null: the one of the beginning, or one that was never met. */
  private @Nullable Configuration lastConfiguration(RaftCore core) {
    for (Map.Entry<Long, Map<Long, Configuration>> each :
        configurations.headMap(core.lastIndex(), true).descendingMap().entrySet()) {
      long index = each.getKey();
      long term =
          index > core.baseIndex()
              ? core.termAt(index)
              : index <= committedIndex ? termOf(index) : 0;
      Configuration found = index == 0 ? null : each.getValue().get(term);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private void checkLeader(SimNode node, RaftCore core, Seen seen) {
    long term = core.currentTerm();
    if (core.role() != Role.LEADER || seen.leaderOfTerm == term) {
      return;
    }
    NodeId other = leaderByTerm.putIfAbsent(term, node.id());
    require(other == null, () -> node.id() + " leads term " + term + " alone, not also " + other);
    seen.leaderOfTerm = term;
    for (long index = committedIndex; index > core.baseIndex(); index--) {
      if (committedInTerm[(int) index] < term) {
        long at = index;
        require(
            core.holds(at) && core.termAt(at) == committedTerm(at),
            () -> node.id() + " leads term " + term + " and has the committed entry " + at);
      }
    }
  }

  private void checkCommitIndex(SimNode node, RaftCore core, Seen seen) {
    long commitIndex = core.commitIndex();
    require(commitIndex >= seen.commitIndex, () -> node.id() + "'s commitIndex does not decrease");
    for (long index = Math.max(seen.commitIndex, core.baseIndex()) + 1;
        index <= commitIndex;
        index++) {
      long at = index;
      long term = core.termAt(at);
      if (at <= committedIndex) {
        require(
            committedTerm(at) == term,
            () -> node.id() + " commits " + at + "/" + term + ", others " + committedTerm(at));
      } else {
        commit(node, core, index, term);
      }
    }
    seen.commitIndex = commitIndex;
  }

  private long committedTerm(long index) {
    return committedTerms[(int) index];
  }

  private void commit(SimNode node, RaftCore core, long index, long term) {
    require(index == committedIndex + 1, () -> node.id() + " commits " + index + " in order");
    // One that commits its own removal leads no more when this is asked.
    require(
        node.id().equals(leaderByTerm.get(core.currentTerm())),
        () -> node.id() + " leads and so is the first to commit " + index);
    require(
        core.termAt(core.commitIndex()) == core.currentTerm(),
        () ->
            node.id()
                + " counts copies of entries of its own term only, not "
                + index
                + "/"
                + term);
    Configuration configuration = core.configuration();
    requireMajority(node, configuration.voters(), index, term);
    if (configuration.isJoint()) {
      requireMajority(node, configuration.outgoing(), index, term);
    }
    if (index >= committedTerms.length) {
      committedTerms = Arrays.copyOf(committedTerms, committedTerms.length * 2);
      committedInTerm = Arrays.copyOf(committedInTerm, committedInTerm.length * 2);
    }
    committedTerms[(int) index] = term;
    committedInTerm[(int) index] = core.currentTerm();
    committedIndex = index;
  }

  private void requireMajority(SimNode node, Set<NodeId> voters, long index, long term) {
    long holders = voters.stream().filter(voter -> holdsDurably(voter, index, term)).count();
    require(
        holders > voters.size() / 2,
        () -> node.id() + " commits " + index + "/" + term + ", which " + holders + " disks hold");
  }

  private boolean holdsDurably(NodeId id, long index, long term) {
    SimDisk disk = nodes.get(id.number() - 1).disk();
    return index <= disk.baseIndex() || disk.holds(index, term);
  }

  void onEntry(SimNode node, LogEntry entry, long prevTerm) {
    if (entry.kind() == EntryKind.CONFIGURATION) {
      configurations
          .computeIfAbsent(entry.index(), index -> new TreeMap<>())
          .computeIfAbsent(entry.term(), term -> ConfigurationCodec.decode(entry.payload()));
    }
    copies.onMet(node, entry.index(), entry.term(), prevTerm, entry.payload());
  }

  // ---- What messages claim ----

  void onSend(SimNode node, NodeId to, Message message) {
    HardState durable = node.disk().hardState();
    if (!isPreVote(message)) {
      require(
          message.term() <= durable.currentTerm(),
          () -> node.id() + " sends " + message + " with a term it holds, " + durable);
    }
    boolean isOfDurableTerm = message.term() == durable.currentTerm();
    if (message instanceof Message.RequestVote request && !request.preVote()) {
      require(
          !isOfDurableTerm || node.id().equals(durable.votedFor()),
          () -> node.id() + " asks for votes and holds its own, " + durable);
    } else if (message instanceof Message.RequestVoteReply reply
        && reply.granted()
        && !reply.preVote()) {
      require(
          !isOfDurableTerm || to.equals(durable.votedFor()),
          () -> node.id() + " grants " + to + " a vote that it holds, " + durable);
    } else if (message instanceof Message.AppendEntriesAccepted accepted && isOfDurableTerm) {
      checkMatch(node, to, accepted);
    } else if (message instanceof Message.AppendEntries append) {
      long prevTerm = append.prevLogTerm();
      for (LogEntry entry : append.entries()) {
        onEntry(node, entry, prevTerm);
        prevTerm = entry.term();
      }
    }
  }

  private static boolean isPreVote(Message message) {
    return (message instanceof Message.RequestVote request && request.preVote())
        || (message instanceof Message.RequestVoteReply reply && reply.preVote());
  }

  private void checkMatch(SimNode node, NodeId to, Message.AppendEntriesAccepted accepted) {
    long index = accepted.matchIndex();
    SimDisk disk = node.disk();
    require(index <= disk.lastIndex(), () -> node.id() + " claims " + accepted + " and holds it");
    RaftCore leader = nodes.get(to.number() - 1).core();
    if (leader != null
        && leader.isLeader()
        && leader.currentTerm() == accepted.term()
        && leader.holds(index)
        && index >= disk.baseIndex()) {
      require(
          leader.termAt(index) == disk.termAt(index),
          () -> node.id() + " claims " + accepted + " and holds what its leader holds");
    }
  }

  /** Every entry of every log, in the core and on the disk: what the steps may have missed. */
  void checkAll() {
    for (SimNode node : nodes) {
      SimDisk disk = node.disk();
      if (disk.lastIndex() > disk.baseIndex()) {
        long prevTerm = disk.baseTerm();
        for (LogEntry entry :
            disk.read(disk.baseIndex() + 1, disk.lastIndex(), Integer.MAX_VALUE)) {
          onEntry(node, entry, prevTerm);
          prevTerm = entry.term();
        }
      }
      RaftCore core = node.core();
      if (core == null) {
        continue;
      }
      long prevTerm = core.termAt(core.baseIndex());
      for (long index = core.baseIndex() + 1; index <= core.lastIndex(); index++) {
        long term = core.termAt(index);
        copies.onMet(node, index, term, prevTerm, null);
        prevTerm = term;
      }
    }
  }
}
