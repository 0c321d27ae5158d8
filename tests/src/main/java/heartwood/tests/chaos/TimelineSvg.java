package heartwood.tests.chaos;

import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * A run as a picture: faults as coloured bars, successful operations per 100 ms above, their
 * latency below. Stateless.
 */
final class TimelineSvg {
  private static final int WIDTH = 1400;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int CHART = 220;
  private static final int GAP = 50;
  private static final int HEIGHT = TOP + 2 * CHART + GAP + 70;
  private static final long RATE_NANOS = 100_000_000;
  private static final long LATENCY_NANOS = 500_000_000;
  private static final double MIN_LATENCY_MILLIS = 0.1;
  private static final double MAX_LATENCY_MILLIS = 10_000;

  private final StringBuilder out = new StringBuilder();
  private final List<Operation> done;
  private final long endNanos;

  private TimelineSvg(List<Operation> operations) {
    done = operations.stream().filter(op -> op.outcome() == Outcome.OK).toList();
    endNanos = 1 + operations.stream().mapToLong(Operation::completeNanos).max().orElse(0);
  }

  static String draw(List<Operation> operations, List<FaultEvent> events) {
    TimelineSvg svg = new TimelineSvg(operations);
    svg.add(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif'"
            + " font-size='12'>",
        WIDTH, HEIGHT);
    svg.add("<rect width='%d' height='%d' fill='white'/>", WIDTH, HEIGHT);
    events.forEach(svg::fault);
    svg.rate();
    svg.latency();
    svg.times();
    svg.legend();
    svg.add("</svg>");
    return svg.out.toString();
  }

  private void add(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private double x(long nanos) {
    return LEFT + (double) nanos / endNanos * (WIDTH - LEFT - RIGHT);
  }

  private void fault(FaultEvent event) {
    double from = x(event.beginNanos());
    add(
        "<rect x='%.1f' y='%d' width='%.1f' height='%d' fill='%s' opacity='0.25'>"
            + "<title>%s (%s)</title></rect>",
        from,
        TOP,
        Math.max(1, x(event.endNanos()) - from),
        2 * CHART + GAP,
        event.form().kind().colour(),
        event.form().words(),
        event.target());
  }

  /** Successful operations per 100 ms, as a line. */
  private void rate() {
    int[] counts = new int[(int) (endNanos / RATE_NANOS) + 1];
    done.forEach(operation -> counts[(int) (operation.completeNanos() / RATE_NANOS)]++);
    int most = 1;
    for (int count : counts) {
      most = Math.max(most, count);
    }
    List<String> points = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      double y = TOP + CHART - (double) counts[i] / most * CHART;
      points.add(point(i * RATE_NANOS + RATE_NANOS / 2, y));
    }
    line(points, "#1e8449");
    frame(TOP, "operations that succeeded, per 100 ms");
    label(TOP + 4, Integer.toString(most));
    label(TOP + CHART, "0");
  }

  /** Their latency, p50 and p99 of each half second, on a logarithmic scale. */
  private void latency() {
    int top = TOP + CHART + GAP;
    List<List<Long>> latencies = new ArrayList<>();
    for (long i = 0; i <= endNanos / LATENCY_NANOS; i++) {
      latencies.add(new ArrayList<>());
    }
    done.forEach(
        op ->
            latencies
                .get((int) (op.completeNanos() / LATENCY_NANOS))
                .add(op.completeNanos() - op.invokeNanos()));
    latencies.forEach(Collections::sort);
    percentile(latencies, 0.5, top, "#2471a3");
    percentile(latencies, 0.99, top, "#cb4335");
    frame(top, "latency of these, p50 (blue) and p99 (red) of each half second, ms");
    for (double millis = MIN_LATENCY_MILLIS; millis <= MAX_LATENCY_MILLIS; millis *= 10) {
      double y = latencyY(millis, top);
      label(y + 4, millis < 1 ? "0.1" : Integer.toString((int) Math.round(millis)));
      add("<path d='M%d %.1fH%d' stroke='#ddd'/>", LEFT, y, WIDTH - RIGHT);
    }
  }

  private static double latencyY(double millis, int top) {
    double bounded = Math.min(MAX_LATENCY_MILLIS, Math.max(MIN_LATENCY_MILLIS, millis));
    double share =
        Math.log(bounded / MIN_LATENCY_MILLIS) / Math.log(MAX_LATENCY_MILLIS / MIN_LATENCY_MILLIS);
    return top + CHART * (1 - share);
  }

  private void percentile(List<List<Long>> latencies, double share, int top, String colour) {
    List<String> points = new ArrayList<>();
    for (int i = 0; i < latencies.size(); i++) {
      List<Long> sorted = latencies.get(i);
      if (!sorted.isEmpty()) {
        double millis = sorted.get((int) (share * (sorted.size() - 1))) / 1e6;
        points.add(point(i * LATENCY_NANOS + LATENCY_NANOS / 2, latencyY(millis, top)));
      }
    }
    line(points, colour);
  }

  private String point(long nanos, double y) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x(Math.min(nanos, endNanos)), y);
  }

  private void line(List<String> points, String colour) {
    add(
        "<polyline fill='none' stroke='%s' stroke-width='1.2' points='%s'/>",
        colour, String.join(" ", points));
  }

  private void frame(int top, String title) {
    add("<text x='%d' y='%d'>%s</text>", LEFT, top - 8, title);
    add(
        "<path d='M%d %dV%dH%d' fill='none' stroke='#333'/>",
        LEFT, top, top + CHART, WIDTH - RIGHT);
  }

  private void label(double y, String text) {
    add("<text x='%d' y='%.1f' text-anchor='end'>%s</text>", LEFT - 6, y, text);
  }

  private void times() {
    long seconds = endNanos / 1_000_000_000;
    long step = Math.max(1, seconds / 15);
    for (long second = 0; second <= seconds; second += step) {
      add(
          "<text x='%.1f' y='%d' text-anchor='middle'>%d s</text>",
          x(second * 1_000_000_000), TOP + 2 * CHART + GAP + 18, second);
    }
  }

  private void legend() {
    int at = LEFT;
    for (FaultKind kind : FaultKind.values()) {
      int y = HEIGHT - 22;
      add(
          "<rect x='%d' y='%d' width='14' height='14' fill='%s' opacity='0.4'/>",
          at, y, kind.colour());
      add("<text x='%d' y='%d'>%s</text>", at + 20, y + 12, kind.name().toLowerCase(Locale.ROOT));
      at += 110;
    }
  }
}
