package heartwood.raft.node;

import heartwood.raft.core.Effect;
import heartwood.raft.core.RaftCore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What was proposed here and is not known committed, and how each comes to its end: the states of
 * {@link Proposal}. Confined to the raft loop.
 *
 * <pre>
 *   what is learned of its place in the log            what it is told
 *   its own entry is committed there                   committed, and applied
 *   another's entry is committed there                 not executed
 *   a snapshot covers it, with it or without it        unknown
 *   this node leads again and proposes there           unknown: who holds the old one may commit it
 *   nothing, long after leadership was lost            unknown
 *   nothing, and this node fails                       unknown
 * </pre>
 *
 * <p>Whoever proposed several entries hears of them in their order: of one that lost its place when
 * those before it are on their way to the apply thread, and not before.
 */
final class OpenProposals {
  private final RaftCore core;
  private final Applier applier;
  private final int unknownAfterTicks;

  private final TreeMap<Long, Pending> byIndex = new TreeMap<>();

  private record Pending(long term, Proposal proposal) {}

  /** Leadership was lost with proposals open, and so many ticks ago. */
  private boolean hasOrphans;

  private int orphanedTicks;

  /**
   * @param unknownAfterTicks how long to wait, once leadership is lost, to learn of fates
   */
  OpenProposals(RaftCore core, Applier applier, int unknownAfterTicks) {
    this.core = core;
    this.applier = applier;
    this.unknownAfterTicks = unknownAfterTicks;
  }

  boolean isEmpty() {
    return byIndex.isEmpty();
  }

  /** It stands in the log of this node, which leads. */
  void add(Effect.Proposed place, Proposal proposal) {
    Pending replaced = byIndex.put(place.index(), new Pending(place.term(), proposal));
    if (replaced != null) {
      // An earlier leadership's entry was cut here; a node that holds it may yet commit it.
      replaced.proposal().unknown();
    }
  }

  /** Has entries applied, and those who proposed what is decided by that told. */
  void apply(Effect.Apply apply) {
    if (byIndex.isEmpty()) {
      applier.apply(apply.fromIndex(), apply.toIndex(), Map.of());
      return;
    }
    Map<Long, Pending> decided = new TreeMap<>(byIndex.headMap(apply.toIndex(), true));
    byIndex.headMap(apply.toIndex(), true).clear();
    applyDecided(apply, decided);
  }

  private void applyDecided(Effect.Apply apply, Map<Long, Pending> decided) {
    long fromIndex = apply.fromIndex();
    Map<Long, Proposal> own = new TreeMap<>();
    for (Map.Entry<Long, Pending> each : decided.entrySet()) {
      long index = each.getKey();
      Pending pending = each.getValue();
      boolean isHere = index >= apply.fromIndex() && core.holds(index);
      if (isHere && core.termAt(index) == pending.term()) {
        own.put(index, pending.proposal());
        continue;
      }
      if (!own.isEmpty()) {
        applyLater(fromIndex, index, own);
        fromIndex = index + 1;
        own = new TreeMap<>();
      }
      Proposal proposal = pending.proposal();
      // A snapshot came instead, with it or without it: then nobody knows.
      applier.tell(isHere ? proposal::notExecuted : proposal::unknown);
    }
    if (fromIndex <= apply.toIndex()) {
      applyLater(fromIndex, apply.toIndex(), own);
    }
  }

  private void applyLater(long fromIndex, long toIndex, Map<Long, Proposal> own) {
    applier.apply(fromIndex, toIndex, own);
    own.values().forEach(Proposal::committed); // What waits behind them may be told now.
  }

  /** Another leads, or nobody: what is open here may be committed by others, or be cut. */
  void onLeadershipLost() {
    hasOrphans |= !byIndex.isEmpty();
  }

  /** A unit of time has passed. */
  void tick() {
    if (hasOrphans && ++orphanedTicks >= unknownAfterTicks) {
      abandon(pending -> !core.isLeader() || pending.term() < core.currentTerm());
    }
  }

  /** The node cannot go on. */
  void abandonAll() {
    abandon(pending -> true);
  }

  private void abandon(Predicate<Pending> isOrphan) {
    List<Pending> abandoned = new ArrayList<>();
    byIndex.values().removeIf(pending -> isOrphan.test(pending) && abandoned.add(pending));
    hasOrphans = false;
    orphanedTicks = 0;
    abandoned.forEach(pending -> pending.proposal().unknown());
  }
}
