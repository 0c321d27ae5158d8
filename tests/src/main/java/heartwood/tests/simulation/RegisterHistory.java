package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** By id, which are given out in order; 0: not applied. */
  private long[] indexByOperation = new long[1024];

  private final Map<Integer, RegisterVersions> versionsByKey = new HashMap<>();

  /** By id. */
  private final BitSet notExecuted = new BitSet();

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
          () ->
              node.id()
                  + " applies "
                  + entry
                  + " as "
                  + here
                  + ", others "
                  + applied.get(position));
      return;
    }
    require(position == applied.size(), () -> node.id() + " leaves no gap before " + entry);
    applied.add(here);
    if (operationId == 0) {
      return;
    }
    require(
        !notExecuted.get((int) operationId),
        () ->
            "op" + operationId + " was said to be not executed and is applied at " + entry.index());
    long earlier = indexOf(operationId);
    require(earlier == 0, () -> "op" + operationId + " is applied at " + earlier + " and " + entry);
    if (operationId >= indexByOperation.length) {
      indexByOperation = Arrays.copyOf(indexByOperation, (int) operationId * 2);
    }
    indexByOperation[(int) operationId] = entry.index();
    if (RegisterOperation.kindOf(entry.payload()) == RegisterOperation.Kind.WRITE) {
      versionsByKey
          .computeIfAbsent(RegisterOperation.keyOf(entry.payload()), key -> new RegisterVersions())
          .add(entry.index(), operationId);
    }
  }

  private long indexOf(long operationId) {
    return operationId < indexByOperation.length ? indexByOperation[(int) operationId] : 0;
  }

  /** A node claims that an operation has no effect and never will. */
  void onNotExecuted(RegisterOperation operation) {
    long index = indexOf(operation.id);
    require(index == 0, () -> operation + " is at " + index + " and is said to be not executed");
    notExecuted.set((int) operation.id);
  }

  /** A node acknowledges a write. */
  void onExecuted(RegisterOperation operation, long index, long counter) {
    long at = indexOf(operation.id);
    require(at == index, () -> operation + " is acknowledged at " + index + ", is at " + at);
    require(index > operation.floorIndex, () -> operation + " is in real-time order, at " + index);
    require(
        applied.get((int) index - 1).counter() == counter,
        () -> operation + " counted " + counter + " at " + index);
  }

  /** A node answers a read from the state after an index. */
  void onRead(RegisterOperation operation, long index, long value) {
    require(
        index >= operation.floorIndex,
        () -> operation + " reads at " + index + " what was past at " + operation.floorIndex);
    RegisterVersions versions = versionsByKey.get(operation.key);
    long expected = versions == null ? 0 : versions.at(index);
    require(
        value == expected,
        () -> operation + " at " + index + " reads " + value + ", not " + expected);
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
    long chain = index <= 0 ? 0 : applied.get((int) index - 1).chain();
    require(state.chain() == chain, () -> node.id() + " has its own state after " + index);
  }
}
