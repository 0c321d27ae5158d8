package heartwood.storage.history;

import heartwood.storage.Row;
import heartwood.storage.TablesView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the runs that one transaction sees. Must be closed before the transaction is renewed or
 * closed. Confined to its thread.
 */
public final class RunReader implements AutoCloseable {
  private final RunTables tables;
  private final TablesView view;

  /** The oldest deaths first. */
  private final List<Run> runs;

  private final List<KeyFilter> filters;

  /** A cursor for each run, opened when it is first needed. */
  private final @Nullable RunCursor[] cursors;

  RunReader(RunTables tables, TablesView view, List<Run> runs) {
    this.tables = tables;
    this.view = view;
    this.runs = runs;
    this.filters = runs.stream().map(run -> tables.filter(run, view)).toList();
    this.cursors = new RunCursor[runs.size()];
  }

  /**
   * What a row was at a revision, provided that its present version is younger; null when it was
   * not there. The value is the caller's own.
   */
  public @Nullable Row find(byte[] key, long keyHash, long revision) {
    for (int i = firstAfter(revision); i < runs.size(); i++) {
      if (!mayHold(i, keyHash)) {
        continue;
      }
      RunCursor cursor = cursor(i);
      if (cursor.seek(key, revision + 1) && cursor.version().compareTo(key) == 0) {
        BlockReader version = cursor.version();
        return version.born() <= revision ? new Row(version.born(), copy(version.value())) : null;
      }
    }
    return null;
  }

  private static ByteBuffer copy(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** The first run that holds deaths later than a revision. */
  private int firstAfter(long revision) {
    int from = 0;
    int to = runs.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (runs.get(middle).toRevision() > revision) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  private boolean mayHold(int run, long keyHash) {
    return filters.get(run).mayHold(keyHash);
  }

  private RunCursor cursor(int run) {
    RunCursor cursor = cursors[run];
    if (cursor == null) {
      cursor = openCursor(run);
      cursors[run] = cursor;
    }
    return cursor;
  }

  private RunCursor openCursor(int run) {
    return new RunCursor(view.cursor(tables.slot(runs.get(run).slot())));
  }

  /** Walks over all rows as they were at a revision, one walk for each run that may have some. */
  public List<RunWalk> walks(long revision) {
    return IntStream.range(firstAfter(revision), runs.size())
        .mapToObj(run -> new RunWalk(openCursor(run), revision))
        .toList();
  }

  /**
   * Walks over the versions of a row, the youngest first, from the one seen at {@code to} or before
   * it down to the one seen at {@code from}.
   */
  public VersionWalk versions(byte[] key, long keyHash, long from, long to) {
    return new VersionWalk(this, key, keyHash, from, to);
  }

  /** The run with the oldest deaths, or null. */
  public @Nullable Run oldest() {
    return runs.isEmpty() ? null : runs.get(0);
  }

  /** The number of the youngest run, or -1. */
  int youngest() {
    return runs.size() - 1;
  }

  /** The youngest run below one that may have deaths of a key later than a revision; or -1. */
  int olderWith(int below, long keyHash, long revision) {
    for (int i = below - 1; i >= 0 && runs.get(i).toRevision() > revision; i--) {
      if (mayHold(i, keyHash)) {
        return i;
      }
    }
    return -1;
  }

  /** A cursor of the walk's own: others may use this reader between its moves. */
  RunCursor openCursorOf(int run) {
    return openCursor(run);
  }

  @Override
  public void close() {
    for (int i = 0; i < cursors.length; i++) {
      RunCursor cursor = cursors[i];
      if (cursor != null) {
        cursor.close();
        cursors[i] = null;
      }
    }
  }
}
