package heartwood.raft.core;

import heartwood.raft.message.NodeId;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The others as their leader sees them: {@code nextIndex} and {@code matchIndex} of figure 2, and
 * when each was heard. Made anew at each election, empty while this node does not lead. Confined to
 * the core.
 */
final class Followers {
  /** How long a leader goes on telling those who left. */
  private static final int GOODBYE_TICKS = 200;

  private final RaftState state;

  /** In the order of the ids: the order in which they are told is part of the behaviour. */
  private final Map<NodeId, Progress> progressByPeer = new TreeMap<>();

  Followers(RaftState state) {
    this.state = state;
  }

  void onElected() {
    progressByPeer.clear();
    onConfigurationChanged();
    progressByPeer.values().forEach(Progress::onElected);
  }

  /** Who leaves is told so for a while: see {@link #forgetLeft}. */
  void onConfigurationChanged() {
    for (NodeId peer : state.peers()) {
      progressByPeer
          .computeIfAbsent(
              peer,
              added -> new Progress(state.log().lastIndex() + 1, state.options().maxWindowBytes()))
          .maybeRejoin();
    }
  }

  void clear() {
    progressByPeer.clear();
  }

  @Nullable Progress of(NodeId peer) {
    return progressByPeer.get(peer);
  }

  void forEach(BiConsumer<NodeId, Progress> action) {
    progressByPeer.forEach(action);
  }

  /** What a follower is known to hold; 0 when unknown. */
  long matchIndexOf(NodeId peer) {
    Progress progress = progressByPeer.get(peer);
    return progress == null ? 0 : progress.matchIndex();
  }

  void tick() {
    int silenceLimitTicks = 2 * state.options().electionTimeoutTicks();
    progressByPeer.values().forEach(progress -> progress.onTick(silenceLimitTicks));
  }

  /** Forgets those who left and know it. */
  void forgetLeft() {
    long configurationIndex = state.configurations().currentIndex();
    progressByPeer
        .entrySet()
        .removeIf(
            each ->
                !state.configuration().isMember(each.getKey())
                    && each.getValue().hasLeft(configurationIndex, GOODBYE_TICKS));
  }

  /** Whether a majority was heard since this was last asked. */
  boolean takeHeardFromQuorum() {
    TreeSet<NodeId> heard = new TreeSet<>();
    heard.add(state.self());
    progressByPeer.forEach(
        (peer, progress) -> {
          if (progress.takeRecentlyActive()) {
            heard.add(peer);
          }
        });
    return Quorum.agrees(state.configuration(), heard::contains);
  }

  /** Whether a node has answered the last heartbeats: one that has just died is not counted on. */
  boolean isHealthy(NodeId node) {
    Progress progress = progressByPeer.get(node);
    return node.equals(state.self())
        || (progress != null && progress.isHeardWithin(3 * state.options().heartbeatTicks()));
  }

  /** Of those that answer, if any does: who holds as much may have died since. */
  @Nullable NodeId furthestVoter() {
    NodeId furthest = furthestVoter(2 * state.options().heartbeatTicks());
    return furthest == null ? furthestVoter(Integer.MAX_VALUE) : furthest;
  }

  private @Nullable NodeId furthestVoter(int heardWithinTicks) {
    NodeId furthest = null;
    for (Map.Entry<NodeId, Progress> each : progressByPeer.entrySet()) {
      NodeId peer = each.getKey();
      if (state.configuration().isVoter(peer)
          && each.getValue().isHeardWithin(heardWithinTicks)
          && (furthest == null || matchIndexOf(peer) > matchIndexOf(furthest))) {
        furthest = peer;
      }
    }
    return furthest;
  }
}
