package heartwood.server;

import heartwood.raft.log.LogStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.NodeStatus;
import heartwood.raft.node.RaftNode;
import heartwood.server.command.ClusterMember;
import heartwood.server.command.ClusterMember.Health;
import heartwood.server.command.ClusterMember.Vote;
import heartwood.server.command.ClusterView;
import heartwood.server.command.RaftStatus;
import heartwood.server.command.Topology;
import heartwood.server.dispatch.Leadership;
import heartwood.server.dispatch.LeadershipView;
import heartwood.storage.Applied;
import heartwood.storage.Store;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The cluster as this node sees it, made from the same {@link Leadership} as redirects are, so that
 * both always agree. Thread-safe.
 */
final class ClusterPicture implements ClusterView {
  /** A leader gives a member up that was silent for so many election timeouts. */
  private static final int FAILED_TIMEOUTS = 10;

  private final long clusterId;
  private final Member self;
  private final RaftNode node;
  private final LogStore log;
  private final Supplier<Store> store;
  private final LeadershipView leadership;
  private final PeerContacts contacts;
  private final Clock clock;
  private final long electionTimeoutNanos;
  private final int tickMillis;
  private final LongSupplier leaderWaitMillis;
  private final Supplier<RaftStatus.Reads> reads;
  private final AtomicLong elections = new AtomicLong();
  private final AtomicLong leaderChanges = new AtomicLong();

  ClusterPicture(
      long clusterId,
      Member self,
      RaftNode node,
      LogStore log,
      Supplier<Store> store,
      LeadershipView leadership,
      PeerContacts contacts,
      Clock clock,
      long electionTimeoutMillis,
      int tickMillis,
      LongSupplier leaderWaitMillis,
      Supplier<RaftStatus.Reads> reads) {
    this.clusterId = clusterId;
    this.self = self;
    this.node = node;
    this.log = log;
    this.store = store;
    this.leadership = leadership;
    this.contacts = contacts;
    this.clock = clock;
    this.electionTimeoutNanos = TimeUnit.MILLISECONDS.toNanos(electionTimeoutMillis);
    this.tickMillis = tickMillis;
    this.leaderWaitMillis = leaderWaitMillis;
    this.reads = reads;
  }

  /** The 40 hex digits under which clients know a member: the same for ever. */
  static String redisId(long clusterId, String what) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((clusterId + " " + what).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  void onElection() {
    elections.incrementAndGet();
  }

  void onLeaderChange() {
    leaderChanges.incrementAndGet();
  }

  @Override
  public Topology topology() {
    Leadership present = leadership.present();
    NodeStatus status = node.status();
    Configuration configuration = status.configuration();
    List<ClusterMember> members = new ArrayList<>();
    List<Member> shown = new ArrayList<>(configuration.members());
    if (!configuration.isMember(self.id())) {
      shown.add(self); // It waits to become one, or was one.
    }
    for (Member member : shown) {
      long silentNanos = silentNanos(member, present);
      members.add(
          new ClusterMember(
              redisId(clusterId, member.id().toString()),
              member.id().number(),
              vote(member.id(), configuration),
              member.host(),
              "",
              member.redirectPort(),
              member.proxyPort(),
              member.peerPort(),
              health(member, silentNanos, present),
              contacts.isConnected(member.id()),
              appliedIndex(member.id(), status),
              TimeUnit.NANOSECONDS.toSeconds(silentNanos),
              0,
              lastHeardMillis(member.id())));
    }
    Member last = present.lastLeader();
    Member leader = last != null && configuration.isMember(last.id()) ? last : null;
    long leaderWaitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis.getAsLong());
    boolean isServing =
        present.isKnown() || System.nanoTime() - present.sinceNanos() < leaderWaitNanos;
    return new Topology(
        redisId(clusterId, self.id().toString()),
        leader == null ? null : redisId(clusterId, leader.id().toString()),
        isServing,
        present.term(),
        members);
  }

  private static Vote vote(NodeId node, Configuration configuration) {
    if (configuration.voters().contains(node)) {
      return Vote.VOTER;
    }
    if (configuration.outgoing().contains(node)) {
      return Vote.LEAVING;
    }
    if (configuration.joining().contains(node)) {
      return Vote.JOINING;
    }
    return configuration.isMember(node) ? Vote.LEARNER : Vote.NONE;
  }

  /** A leader hears from all the time, and its followers from it; others owe each other nothing. */
  private long silentNanos(Member member, Leadership present) {
    boolean isDue = present.isSelf() || member.equals(present.leader());
    long sinceNanos = System.nanoTime() - present.sinceNanos();
    return isDue ? Math.min(contacts.silentNanos(member.id()), sinceNanos) : 0;
  }

  private Health health(Member member, long silentNanos, Leadership present) {
    if (present.isSelf() && silentNanos > FAILED_TIMEOUTS * electionTimeoutNanos) {
      return Health.FAILED;
    }
    boolean isReached = contacts.isConnected(member.id()) && silentNanos <= electionTimeoutNanos;
    return isReached ? Health.ONLINE : Health.SUSPECT;
  }

  private long lastHeardMillis(NodeId member) {
    return contacts.wasHeard(member)
        ? clock.millis() - TimeUnit.NANOSECONDS.toMillis(contacts.silentNanos(member))
        : 0;
  }

  private long appliedIndex(NodeId member, NodeStatus status) {
    return member.equals(self.id())
        ? Math.max(0, store.get().applied().index())
        : status.matchIndexes().getOrDefault(member, 0L);
  }

  @Override
  public String explain() {
    NodeStatus status = node.status();
    return new Explanation(status, self.id(), contacts, leadership.present(), stalledMillis(status))
        .sentence(electionTimeoutNanos);
  }

  private long stalledMillis(NodeStatus status) {
    return (long) status.diskStalledTicks() * tickMillis;
  }

  @Override
  public RaftStatus raft() {
    NodeStatus status = node.status();
    Store state = store.get();
    Applied applied = state.applied(); // Read once: index and digest must be of one moment.
    return new RaftStatus(
        status.role().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        status.term(),
        status.baseIndex() + 1,
        status.lastIndex(),
        status.commitIndex(),
        Math.max(0, applied.index()),
        applied.digest(),
        log.lastIndex(),
        state.durable().index(),
        log.sizeBytes(),
        status.lastIndex() - status.commitIndex(),
        elections.get(),
        leaderChanges.get(),
        stalledMillis(status),
        status.damagedEntries(),
        status.isStateLost(),
        reads.get());
  }
}
