package heartwood.tests.history;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes histories of one key down, in milliseconds. Confined. */
final class Histories {
  private static final long MILLI = 1_000_000;

  private final List<Operation> operations = new ArrayList<>();

  /** An operation that told a result. */
  Histories ok(
      int client,
      long from,
      long to,
      Kind kind,
      @Nullable String argument,
      @Nullable String result) {
    return add(client, from, to, kind, argument, Outcome.OK, result);
  }

  Histories unknown(int client, long from, long to, Kind kind, @Nullable String argument) {
    return add(client, from, to, kind, argument, Outcome.UNKNOWN, null);
  }

  Histories notExecuted(int client, long from, long to, Kind kind, @Nullable String argument) {
    return add(client, from, to, kind, argument, Outcome.NOT_EXECUTED, null);
  }

  private Histories add(
      int client,
      long from,
      long to,
      Kind kind,
      @Nullable String argument,
      Outcome outcome,
      @Nullable String result) {
    operations.add(
        new Operation(client, "k", kind, argument, outcome, result, from * MILLI, to * MILLI));
    return this;
  }

  List<Operation> operations() {
    return operations;
  }

  Judgement judge() {
    return new HistoryChecker().judge(operations);
  }
}
