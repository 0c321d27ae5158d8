package heartwood.server;

import heartwood.raft.core.Role;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.NodeStatus;
import heartwood.server.dispatch.Leadership;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** How the cluster does, as one of its nodes would tell it to a person: a sentence or two. */
final class Explanation {
  private final NodeStatus status;
  private final NodeId self;
  private final PeerContacts contacts;
  private final Leadership leadership;
  private final Configuration configuration;
  private final long diskStalledMillis;

  /**
   * @param diskStalledMillis of the node itself; 0: its disk does its work
   */
  Explanation(
      NodeStatus status,
      NodeId self,
      PeerContacts contacts,
      Leadership leadership,
      long diskStalledMillis) {
    this.diskStalledMillis = diskStalledMillis;
    this.status = status;
    this.self = self;
    this.contacts = contacts;
    this.leadership = leadership;
    this.configuration = status.configuration();
  }

  String sentence(long electionTimeoutNanos) {
    if (status.isStateLost()) {
      return self
          + " has its log but no state, and "
          + (status.leader() == null ? "waits for a leader" : "asks " + status.leader())
          + " to give it a snapshot.";
    }
    if (!configuration.isMember(self)) {
      return self
          + (status.lastIndex() == 0
              ? " is no member yet and waits for a leader to find it: RAFT ADD it there."
              : " is no member any more: its data can be removed.");
    }
    StringBuilder text = new StringBuilder();
    NodeId leader = status.leader();
    if (status.role() == Role.LEADER) {
      text.append(self).append(" leads").append(leadersView(electionTimeoutNanos));
    } else if (leader != null && leadership.isKnown()) {
      text.append(self).append(" follows ").append(leader).append(" in term ");
      text.append(status.term()).append(", with ").append(status.lastIndex());
      text.append(" entries, ").append(status.commitIndex()).append(" of them committed");
    } else {
      text.append(leaderless());
    }
    if (configuration.isJoint()) {
      text.append("; voters change from ").append(names(configuration.outgoing()));
      text.append(" to ").append(names(configuration.voters()));
    }
    if (diskStalledMillis > 0) {
      text.append("; the disk of ").append(self).append(" has not done a write in ");
      text.append(diskStalledMillis).append(" ms");
    }
    if (status.damagedEntries() > 0) {
      text.append("; ").append(status.damagedEntries()).append(" entries in the log of ");
      text.append(self).append(" are damaged and are fetched from the others");
    }
    return text.append('.').toString();
  }

  private String leadersView(long electionTimeoutNanos) {
    List<String> silent = new ArrayList<>();
    List<String> behind = new ArrayList<>();
    int answering = 0;
    for (Member member : configuration.members()) {
      NodeId node = member.id();
      boolean isHeard = node.equals(self) || contacts.silentNanos(node) <= electionTimeoutNanos;
      answering += isHeard && configuration.isVoter(node) ? 1 : 0;
      long missing = status.lastIndex() - status.matchIndexes().getOrDefault(node, 0L);
      if (!isHeard) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(contacts.silentNanos(node));
        silent.add(node + " for " + seconds + " s");
      } else if (configuration.learners().contains(node)) {
        boolean joins = configuration.joining().contains(node);
        behind.add(node + (joins ? " joins and" : " learns and") + " lacks " + missing);
      }
    }
    StringBuilder text = new StringBuilder(" in term ").append(status.term());
    text.append(": ").append(answering).append(" of ").append(voters().size());
    text.append(" voters answer, ").append(needed()).append("; ");
    text.append(status.commitIndex()).append(" of ").append(status.lastIndex());
    text.append(" entries are committed");
    if (!silent.isEmpty()) {
      text.append("; silent: ").append(String.join(", ", silent));
    }
    if (!behind.isEmpty()) {
      text.append("; ").append(String.join(" entries, ", behind)).append(" entries");
    }
    return text.toString();
  }

  private String leaderless() {
    Set<NodeId> reached = new TreeSet<>();
    Set<NodeId> unreached = new TreeSet<>();
    for (NodeId voter : voters()) {
      (voter.equals(self) || contacts.isConnected(voter) ? reached : unreached).add(voter);
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - leadership.sinceNanos());
    StringBuilder text = new StringBuilder("No leader for ").append(seconds).append(" s in term ");
    text.append(status.term()).append(": ").append(self).append(" reaches ").append(names(reached));
    boolean isEnough =
        hasMajority(configuration.voters(), reached)
            && (!configuration.isJoint() || hasMajority(configuration.outgoing(), reached));
    if (!isEnough) {
      text.append(", of ").append(voters().size()).append(" voters ").append(needed());
      text.append(": start or reach ").append(names(unreached));
    } else {
      text.append(" and an election is under way");
    }
    return text.toString();
  }

  /** All whose votes count, of a joint configuration on either side. */
  private Set<NodeId> voters() {
    Set<NodeId> voters = new TreeSet<>(configuration.voters());
    voters.addAll(configuration.outgoing());
    return voters;
  }

  private String needed() {
    String needed = majority(configuration.voters()) + " must";
    return configuration.isJoint()
        ? majority(configuration.outgoing())
            + " of "
            + names(configuration.outgoing())
            + " must and "
            + majority(configuration.voters())
            + " of "
            + names(configuration.voters())
        : needed;
  }

  private static int majority(Set<NodeId> voters) {
    return voters.size() / 2 + 1;
  }

  private static boolean hasMajority(Set<NodeId> voters, Set<NodeId> reached) {
    return voters.stream().filter(reached::contains).count() >= majority(voters);
  }

  private static String names(Set<NodeId> nodes) {
    return nodes.isEmpty()
        ? "nobody"
        : String.join(", ", new TreeSet<>(nodes).stream().map(NodeId::toString).toList());
  }
}
