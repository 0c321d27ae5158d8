package heartwood.tests.simulation;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened: a hash of all of it, by which two runs are compared, and the last lines as text.
 * Lines are made only when they are read. Confined to the simulation.
 */
final class Trace {
  private static final int KEPT_LINES = 60;

  private record Line(long atMicros, int node, String what, Object detail) {
    @Override
    public String toString() {
      return String.format("%10d us  n%d %s %s", atMicros, node, what, detail);
    }
  }

  private final EventQueue events;
  private final @Nullable PrintStream out;
  private final Line[] last = new Line[KEPT_LINES];
  private long lineCount;
  private long hash;

  /**
   * @param out where every line is printed at once; null: nowhere
   */
  Trace(EventQueue events, @Nullable PrintStream out) {
    this.events = events;
    this.out = out;
  }

  /**
   * @param detailHash the same in every JVM: never the hash of an enum or an array
   */
  void add(int node, String what, Object detail, long detailHash) {
    mix(events.nowMicros());
    mix(node);
    mix(what.hashCode());
    mix(detailHash);
    Line line = new Line(events.nowMicros(), node, what, detail);
    last[(int) (lineCount++ % KEPT_LINES)] = line;
    if (out != null) {
      out.println(line);
    }
  }

  private void mix(long value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15L;
    hash ^= hash >>> 32;
  }

  long hash() {
    return hash;
  }

  List<String> lastLines() {
    List<String> lines = new ArrayList<>();
    for (long i = Math.max(0, lineCount - KEPT_LINES); i < lineCount; i++) {
      lines.add(last[(int) (i % KEPT_LINES)].toString());
    }
    return lines;
  }
}
