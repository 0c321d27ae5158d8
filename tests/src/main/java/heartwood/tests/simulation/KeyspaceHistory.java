package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.server.command.Arguments;
import heartwood.server.replication.EntryFormat;
import heartwood.server.replication.ReplicatedKeyspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The one sequence of entries that any node may apply, with what the state is after each, and where
 * every value that a client wrote stands in it. Confined to the simulation.
 */
final class KeyspaceHistory {
  /**
   * The state after an entry.
   *
   * @param payloadHash of the entry
   */
  private record After(long term, int payloadHash, long digest, long revision, long stampMillis) {}

  private static final After BEGINNING = new After(0, 0, 0, 0, 0);

  private final List<After> applied = new ArrayList<>();
  private final Map<String, Long> indexByValue = new HashMap<>();
  private final Set<String> notExecuted = new HashSet<>();
  private final Arguments arguments = new Arguments();

  long lastIndex() {
    return applied.size();
  }

  /** State machine safety (Raft figure 3): the first to apply an index decides for all. */
  void onApplied(SimNode node, LogEntry entry, ReplicatedKeyspace state) {
    int position = (int) entry.index() - 1;
    After here = after(entry, state);
    if (position < applied.size()) {
      After there = applied.get(position);
      require(
          there.equals(here),
          () -> node.id() + " is after " + entry + " " + here + ", others " + there);
      return;
    }
    require(position == applied.size(), () -> node.id() + " leaves no gap before " + entry);
    After before = position == 0 ? BEGINNING : applied.get(position - 1);
    require(
        here.stampMillis() >= before.stampMillis(),
        () -> node.id() + " goes back in time from " + before + " to " + here);
    require(here.revision() >= before.revision(), () -> node.id() + "'s revision grows: " + here);
    applied.add(here);
    if (entry.kind() == EntryKind.COMMANDS) {
      readValues(entry);
    }
  }

  private static After after(LogEntry entry, ReplicatedKeyspace state) {
    return new After(
        entry.term(),
        Arrays.hashCode(entry.payload()),
        state.digest(),
        state.revision(),
        state.stampMillis());
  }

  /** Every value is written once: it is the last argument of its command. */
  private void readValues(LogEntry entry) {
    byte[] payload = entry.payload();
    int offset = EntryFormat.HEADER_BYTES;
    for (int left = EntryFormat.commandCount(payload); left > 0; left--) {
      offset = arguments.decode(payload, offset + EntryFormat.COMMAND_HEADER_BYTES);
      for (int i = 2; i < arguments.count(); i++) {
        String value = arguments.text(i);
        if (KeyspaceRequest.isValue(value)) {
          onWritten(value, entry);
        }
      }
    }
  }

  private void onWritten(String value, LogEntry entry) {
    require(
        !notExecuted.contains(value),
        () -> value + " was said to be not executed and is written by " + entry);
    Long earlier = indexByValue.put(value, entry.index());
    require(earlier == null, () -> value + " is written at " + earlier + " and by " + entry);
  }

  /** A client hears that a write took place. */
  void onAcknowledged(String value) {
    require(indexByValue.containsKey(value), () -> value + " is acknowledged and applied nowhere");
  }

  /** A client hears that a write has no effect and never will. */
  void onNotExecuted(String value) {
    Long index = indexByValue.get(value);
    require(index == null, () -> value + " is at " + index + " and is said to be not executed");
    notExecuted.add(value);
  }

  /** Whether a state is the one that follows its applied index. */
  void requireAgrees(SimNode node, ReplicatedKeyspace state) {
    long index = state.appliedIndex();
    if (index <= 0) {
      return;
    }
    After there = applied.get((int) index - 1);
    require(
        state.digest() == there.digest() && state.revision() == there.revision(),
        () -> node.id() + " has its own state after " + index + ", others " + there);
  }
}
