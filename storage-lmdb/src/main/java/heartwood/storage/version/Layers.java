package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.Hash64;
import heartwood.storage.Row;
import heartwood.storage.Table;
import heartwood.storage.TablesReader;
import heartwood.storage.history.RunReader;
import heartwood.storage.history.RunTables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The committed rows, from the youngest layer down, and below them the runs of the past. Confined
 * to one thread, the apply thread for the layers of now.
 */
final class Layers {
  private final Table current;
  private final Table meta;
  private final RunTables runTables;
  private final TablesReader reader;

  /** Versions younger than this are not seen. */
  private final long revision;

  private Overlay active;
  private @Nullable Overlay sealed;
  private int openCursors;

  /** What the active overlay remembered when it was frozen; null: it is alive. */
  private final @Nullable OverlayLog frozenLog;

  private final @Nullable Runnable onVisit;

  /** What the tables held when they were last renewed. */
  private RunReader runs;

  private long tablesRevision;

  /**
   * @param reader belongs to this, also where it throws
   * @param frozenLog for a thread of its own: what the active overlay remembers by now
   * @param onVisit what is asked for is counted by; null: nobody does
   */
  Layers(
      Table current,
      Table meta,
      RunTables runTables,
      TablesReader reader,
      long revision,
      Overlay active,
      @Nullable Overlay sealed,
      @Nullable OverlayLog frozenLog,
      @Nullable Runnable onVisit) {
    this.frozenLog = frozenLog;
    this.onVisit = onVisit;
    this.current = current;
    this.meta = meta;
    this.runTables = runTables;
    this.reader = reader;
    this.revision = revision;
    this.active = active;
    this.sealed = sealed;
    try {
      this.runs = runTables.reader(reader);
      this.tablesRevision = MetaRows.applied(reader, meta).revision();
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** A row, a version or a change is asked for. */
  void visit() {
    Runnable counts = onVisit;
    if (counts != null) {
      counts.run();
    }
  }

  static long hashOf(byte[] key) {
    return Hash64.hash(0, key);
  }

  @Nullable Row get(byte[] key) {
    visit();
    long hash = hashOf(key);
    int version = active.find(key, hash, revision);
    if (version != Overlay.NONE) {
      return rowOf(active, version);
    }
    Overlay below = sealed;
    if (below != null) {
      version = below.find(key, hash, revision);
      if (version != Overlay.NONE) {
        return rowOf(below, version);
      }
    }
    ByteBuffer row = reader.get(current, ByteBuffer.wrap(key));
    return row == null ? null : new Row(CurrentRow.born(row), CurrentRow.value(row));
  }

  /** What a row was at a revision, not above that of these layers. */
  @Nullable Row get(byte[] key, long at) {
    visit();
    long hash = hashOf(key);
    int version = active.find(key, hash, at);
    if (version != Overlay.NONE) {
      return rowOf(active, version);
    }
    Overlay below = sealed;
    if (below != null) {
      version = below.find(key, hash, at);
      if (version != Overlay.NONE) {
        return rowOf(below, version);
      }
    }
    ByteBuffer row = reader.get(current, ByteBuffer.wrap(key));
    if (row != null && CurrentRow.born(row) <= at) {
      return new Row(CurrentRow.born(row), CurrentRow.value(row));
    }
    return runs.find(key, hash, at);
  }

  private static @Nullable Row rowOf(Overlay overlay, int version) {
    return overlay.isDeletion(version)
        ? null
        : new Row(overlay.born(version), overlay.value(version));
  }

  /**
   * A scan of these layers.
   *
   * @param uppermost what hides them all, or null
   */
  Cursor scan(byte[] from, byte[] to, boolean isForward, @Nullable RowSource uppermost) {
    List<RowSource> sources = new ArrayList<>(4);
    if (uppermost != null) {
      sources.add(uppermost);
    }
    addOverlays(sources, revision);
    sources.add(new TableSource(reader.cursor(current), Long.MAX_VALUE));
    return merge(sources, from, to, isForward);
  }

  /** A scan of the rows as they were at a revision, not above that of these layers. */
  Cursor scan(byte[] from, byte[] to, boolean isForward, long at) {
    List<RowSource> sources = new ArrayList<>();
    addOverlays(sources, at);
    // A row is in one of these or in none: the intervals of its versions do not overlap.
    sources.add(new TableSource(reader.cursor(current), at));
    runs.walks(at).forEach(walk -> sources.add(new RunSource(walk)));
    return merge(sources, from, to, isForward);
  }

  private void addOverlays(List<RowSource> sources, long at) {
    if (!active.isEmpty()) {
      sources.add(active.cursor(at));
    }
    if (sealed != null && !sealed.isEmpty()) {
      sources.add(sealed.cursor(at));
    }
  }

  private Cursor merge(List<RowSource> sources, byte[] from, byte[] to, boolean isForward) {
    openCursors++;
    Cursor merged = new MergeCursor(sources, from, to, isForward, () -> openCursors--);
    return onVisit == null ? merged : new CountedCursor(merged, onVisit);
  }

  /** Versions younger than this are not seen. */
  long revision() {
    return revision;
  }

  Overlay active() {
    return active;
  }

  /** What one of these overlays remembers in the order of time. */
  OverlayLog log(Overlay overlay) {
    OverlayLog frozen = frozenLog;
    return frozen != null && overlay == active ? frozen : overlay.log();
  }

  @Nullable Overlay sealed() {
    return sealed;
  }

  TablesReader reader() {
    return reader;
  }

  RunReader runs() {
    return runs;
  }

  /** The present version of a row in the tables, or null. */
  @Nullable ByteBuffer currentRow(byte[] key) {
    return reader.get(current, ByteBuffer.wrap(key));
  }

  /** The last revision that the tables hold: what an overlay has of it or before is there too. */
  long tablesRevision() {
    return tablesRevision;
  }

  /** The active overlay becomes the sealed one. */
  void seal(Overlay next) {
    sealed = active;
    active = next;
  }

  /** The sealed overlay is in the tables now: reads them anew. */
  void adoptCheckpoint() {
    renew();
    sealed = null;
  }

  /** Sees what was written to the tables since; lets go of what it saw. */
  void renew() {
    requireNoCursor();
    runs.close();
    reader.renew();
    runs = runTables.reader(reader);
    tablesRevision = MetaRows.applied(reader, meta).revision();
  }

  void requireNoCursor() {
    if (openCursors != 0) {
      throw new IllegalStateException(openCursors + " cursors are open (expected: none)");
    }
  }

  /** A walk over versions or changes has begun: it stands in the tables as a cursor does. */
  void cursorOpened() {
    openCursors++;
  }

  void cursorClosed() {
    openCursors--;
  }

  void close() {
    runs.close();
    reader.close();
  }
}
