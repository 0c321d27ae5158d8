package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.Hash64;
import heartwood.storage.Row;
import heartwood.storage.Table;
import heartwood.storage.TablesReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The committed rows, from the youngest layer down. Confined to one thread, the apply thread for
 * the layers of now.
 */
final class Layers {
  private final Table current;
  private final TablesReader reader;

  /** Versions younger than this are not seen. */
  private final long revision;

  private Overlay active;
  private @Nullable Overlay sealed;
  private int openCursors;

  Layers(
      Table current, TablesReader reader, long revision, Overlay active, @Nullable Overlay sealed) {
    this.current = current;
    this.reader = reader;
    this.revision = revision;
    this.active = active;
    this.sealed = sealed;
  }

  static long hashOf(byte[] key) {
    return Hash64.hash(0, key);
  }

  @Nullable Row get(byte[] key) {
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
    if (!active.isEmpty()) {
      sources.add(active.cursor(revision));
    }
    if (sealed != null && !sealed.isEmpty()) {
      sources.add(sealed.cursor(revision));
    }
    sources.add(new TableSource(reader.cursor(current)));
    openCursors++;
    return new MergeCursor(sources, from, to, isForward, () -> openCursors--);
  }

  Overlay active() {
    return active;
  }

  /** The active overlay becomes the sealed one. */
  void seal(Overlay next) {
    sealed = active;
    active = next;
  }

  /** The sealed overlay is in the tables now: reads them anew. */
  void adoptCheckpoint() {
    requireNoCursor();
    reader.renew();
    sealed = null;
  }

  void requireNoCursor() {
    if (openCursors != 0) {
      throw new IllegalStateException(openCursors + " cursors are open (expected: none)");
    }
  }

  void close() {
    reader.close();
  }
}
