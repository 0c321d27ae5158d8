package heartwood.tests.chaos;

import heartwood.tests.history.Judgement;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import heartwood.tools.console.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;

/** What came of a run, for people. Immutable. */
record Report(
    ChaosOptions options,
    List<Operation> operations,
    Map<String, Integer> errors,
    List<FaultEvent> events,
    List<String> remarks,
    List<String> complaints,
    Judgement judgement) {

  /** A fault in a line. */
  static String line(FaultEvent event) {
    String election =
        event.electionNanos() == null
            ? ""
            : String.format(", a new leader after %d ms", event.electionNanos() / 1_000_000);
    return String.format(
        "%9.3f s  %s (%s), for %.1f s%s%s",
        event.beginNanos() / 1e9,
        event.form().words(),
        event.target(),
        (event.endNanos() - event.beginNanos()) / 1e9,
        election,
        event.isAlone() ? "" : ", before all had recovered from the last");
  }

  boolean isOk() {
    return complaints.isEmpty() && judgement.isLinearizable();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(isOk() ? "OK" : "BROKEN").append(": ").append(judgement.text());
    complaints.forEach(complaint -> text.append("BROKEN: ").append(complaint).append('\n'));
    if (!judgement.isLinearizable()) {
      text.append("\nTo judge it again: heartwood chaos --judge ").append(options.historyFile());
      text.append('\n');
    }
    text.append("\nseed ").append(options.seed()).append(", ").append(options.nodeCount());
    text.append(" nodes, ").append(options.clientCount()).append(" clients, faults for ");
    text.append(options.duration().toSeconds()).append(" s\n\n");
    text.append(operationTable()).append('\n');
    if (!errors.isEmpty()) {
      text.append("errors that clients heard: ").append(errors).append("\n\n");
    }
    text.append(faultTable()).append('\n');
    remarks.forEach(remark -> text.append(remark).append('\n'));
    if (!remarks.isEmpty()) {
      text.append('\n');
    }
    events.forEach(event -> text.append(line(event)).append('\n'));
    return text.toString();
  }

  private String operationTable() {
    TextTable table = new TextTable("operation", "ok", "not executed", "unknown");
    for (Kind kind : Kind.values()) {
      table.row(
          kind.toString(),
          count(kind, Outcome.OK),
          count(kind, Outcome.NOT_EXECUTED),
          count(kind, Outcome.UNKNOWN));
    }
    return table.toString();
  }

  private String count(Kind kind, Outcome outcome) {
    return Long.toString(
        operations.stream().filter(op -> op.kind() == kind && op.outcome() == outcome).count());
  }

  /**
   * Of each form of fault: for how long no write succeeded at all, and how long elections took;
   * both only of those that met a cluster that was whole.
   */
  private String faultTable() {
    TextTable table =
        new TextTable(
            "fault", "times", "alone", "no write, ms p50", "max", "new leader, ms p50", "max");
    long[] writes = Availability.writeEnds(operations);
    for (FaultForm form : FaultForm.values()) {
      int times = 0;
      List<Long> gaps = new ArrayList<>();
      List<Long> elections = new ArrayList<>();
      for (int i = 0; i < events.size(); i++) {
        FaultEvent event = events.get(i);
        if (event.form() != form) {
          continue;
        }
        times++;
        if (!event.isAlone()) {
          continue;
        }
        long until = i + 1 < events.size() ? events.get(i + 1).beginNanos() : Long.MAX_VALUE;
        gaps.add(Availability.longestGapNanos(writes, event.beginNanos(), until) / 1_000_000);
        if (event.electionNanos() != null) {
          elections.add(Objects.requireNonNull(event.electionNanos()) / 1_000_000);
        }
      }
      if (times > 0) {
        table.row(
            form.words(),
            Integer.toString(times),
            Integer.toString(gaps.size()),
            Availability.percentile(longs(gaps), 50),
            Availability.percentile(longs(gaps), 100),
            Availability.percentile(longs(elections), 50),
            Availability.percentile(longs(elections), 100));
      }
    }
    return table.toString();
  }

  private static LongStream longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue);
  }
}
