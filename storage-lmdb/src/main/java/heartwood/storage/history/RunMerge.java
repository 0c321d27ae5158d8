package heartwood.storage.history;

import heartwood.storage.Table;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes several runs as one, a slice at a time, so that a checkpoint need not wait for it.
 * Confined to the thread that writes.
 */
final class RunMerge {
  private final List<Table> sources;
  private final RunWriter target;
  private final long horizon;
  private final FloorSource floors;

  /** The last version taken; null before the first. */
  private byte @Nullable [] key;

  private long died;

  /**
   * @param horizon deaths up to it are left out
   * @param floors what they cover is left out too
   */
  RunMerge(
      List<Table> sources, Table target, long horizon, FloorSource floors, TablesWriter writer) {
    this.sources = List.copyOf(sources);
    this.target = new RunWriter(target, writer);
    this.horizon = horizon;
    this.floors = floors;
  }

  /**
   * Goes on for about so many bytes, written ones and those of versions left out, which must be
   * read after all; true when all is written but the filter: then {@link #target()} is to be
   * finished in the same transaction.
   */
  boolean step(TablesWriter writer, long byteBudget) {
    target.continueIn(writer);
    long until = target.byteCount() + byteBudget;
    long leftOutBytes = 0;
    List<RunCursor> cursors = new ArrayList<>();
    try (FloorSource.Walk walk = floors.open(writer)) {
      for (Table source : sources) {
        open(writer, source, cursors);
      }
      while (!cursors.isEmpty()) {
        int at = least(cursors);
        RunCursor cursor = cursors.get(at);
        BlockReader version = cursor.version();
        byte[] bytes = key;
        if (bytes == null || version.compareTo(bytes) != 0) {
          bytes = version.copyOfKey();
        }
        key = bytes;
        died = version.died();
        ByteBuffer value = version.value();
        if (died > horizon && !walk.covers(bytes, died)) {
          target.add(bytes, version.born(), died, value);
        } else {
          leftOutBytes += bytes.length + value.remaining();
        }
        if (target.byteCount() + leftOutBytes >= until) {
          return false;
        }
        if (!cursor.next()) {
          cursors.remove(at).close();
        }
      }
      return true;
    } finally {
      cursors.forEach(RunCursor::close);
    }
  }

  private void open(TablesView view, Table source, List<RunCursor> cursors) {
    RunCursor cursor = new RunCursor(view.cursor(source));
    byte[] last = key;
    if (last == null ? cursor.first() : cursor.seek(last, died + 1)) {
      cursors.add(cursor);
    } else {
      cursor.close();
    }
  }

  private static int least(List<RunCursor> cursors) {
    int least = 0;
    for (int i = 1; i < cursors.size(); i++) {
      if (cursors.get(i).version().compareTo(cursors.get(least).version()) < 0) {
        least = i;
      }
    }
    return least;
  }

  RunWriter target() {
    return target;
  }
}
