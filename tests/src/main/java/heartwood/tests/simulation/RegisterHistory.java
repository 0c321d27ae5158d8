package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The one sequence of entries that any node may apply, and what clients were told about it.
 * Confined to the simulation.
 *
 * <p>Because the order is known, no search is needed to judge the clients' histories: an operation
 * takes effect at its index, a read at the applied index it saw, and both must lie above everything
 * that had completed when the operation began (real-time order, hence linearizable, per key and as
 * a whole).
 */
final class RegisterHistory {
  private record Applied(long term, long operationId, long chain, long counter) {}

  private final List<Applied> applied = new ArrayList<>();
  private final Map<Long, Long> indexByOperation = new HashMap<>();
  private final Map<Integer, TreeMap<Long, Long>> versionsByKey = new HashMap<>();
  private final Set<Long> notExecuted = new HashSet<>();
  private long completedIndex;
  private long acknowledgedWrites;
  private long completedReads;

  /** What an operation that begins now must come after. */
  long completedIndex() {
    return completedIndex;
  }

  long acknowledgedWrites() {
    return acknowledgedWrites;
  }

  long completedReads() {
    return completedReads;
  }

  long lastIndex() {
    return applied.size();
  }

  /** State machine safety (Raft figure 3): the first to apply an index decides for all. */
  void onApplied(SimNode node, LogEntry entry, RegisterState after) {
    int position = (int) entry.index() - 1;
    long operationId =
        entry.kind() == EntryKind.COMMANDS ? RegisterOperation.idOf(entry.payload()) : 0;
    Applied here = new Applied(entry.term(), operationId, after.chain(), after.counter());
    if (position < applied.size()) {
      require(
          applied.get(position).equals(here),
          node.id() + " applies " + entry + " as " + here + ", others " + applied.get(position));
      return;
    }
    require(position == applied.size(), node.id() + " leaves no gap before " + entry);
    applied.add(here);
    if (operationId == 0) {
      return;
    }
    require(
        !notExecuted.contains(operationId),
        "op" + operationId + " was said to be not executed and is applied at " + entry.index());
    Long earlier = indexByOperation.put(operationId, entry.index());
    require(earlier == null, "op" + operationId + " is applied at " + earlier + " and " + entry);
    if (RegisterOperation.kindOf(entry.payload()) == RegisterOperation.Kind.WRITE) {
      versionsByKey
          .computeIfAbsent(RegisterOperation.keyOf(entry.payload()), key -> new TreeMap<>())
          .put(entry.index(), operationId);
    }
  }

  /** A node claims that an operation has no effect and never will. */
  void onNotExecuted(RegisterOperation operation) {
    Long index = indexByOperation.get(operation.id);
    require(index == null, operation + " is at " + index + " and is said to be not executed");
    notExecuted.add(operation.id);
  }

  /** A node acknowledges a write. */
  void onExecuted(RegisterOperation operation, long index, long counter) {
    Long at = indexByOperation.get(operation.id);
    require(
        at != null && at == index, operation + " is acknowledged at " + index + ", is at " + at);
    require(index > operation.floorIndex, operation + " is in real-time order, at " + index);
    require(
        applied.get((int) index - 1).counter() == counter,
        operation + " counted " + counter + " at " + index);
  }

  /** A node answers a read from the state after an index. */
  void onRead(RegisterOperation operation, long index, long value) {
    require(
        index >= operation.floorIndex,
        operation + " reads at " + index + " what was past at " + operation.floorIndex);
    Map.Entry<Long, Long> version =
        versionsByKey.getOrDefault(operation.key, new TreeMap<>()).floorEntry(index);
    long expected = version == null ? 0 : version.getValue();
    require(
        value == expected, operation + " at " + index + " reads " + value + ", not " + expected);
  }

  /** The client has the answer: whoever begins from now on must see it. */
  void onCompleted(RegisterOperation operation, long index) {
    completedIndex = Math.max(completedIndex, index);
    if (operation.kind == RegisterOperation.Kind.READ) {
      completedReads++;
    } else {
      acknowledgedWrites++;
    }
  }

  /** Whether a state is the one that follows its applied index. */
  void requireAgrees(SimNode node, RegisterState state) {
    long index = state.appliedIndex();
    long chain = index == 0 ? 0 : applied.get((int) index - 1).chain();
    require(state.chain() == chain, node.id() + " has its own state after " + index);
  }
}
