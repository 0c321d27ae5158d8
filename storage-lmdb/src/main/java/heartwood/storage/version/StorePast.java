package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.StampList;
import heartwood.storage.history.StampList.Stamp;
import org.jspecify.annotations.Nullable;

/** The past of a store, by some layers of it. Confined to the thread of those. */
final class StorePast implements Past {
  /** What is the case where the layers end: of now, or of a snapshot. */
  interface End {
    long horizon();

    /** That of the last entry. */
    long stampMillis();

    /** Keys and values of all versions ever written that have a past, about. */
    long writtenBytes();
  }

  private final End end;
  private final Layers layers;
  private final ChangeList changeList;
  private final StampList stampList;

  StorePast(End end, Layers layers, ChangeList changeList, StampList stampList) {
    this.end = end;
    this.layers = layers;
    this.changeList = changeList;
    this.stampList = stampList;
  }

  @Override
  public long horizon() {
    return end.horizon();
  }

  private OverlayLog log(Overlay overlay) {
    return layers.log(overlay);
  }

  private void requireKept(long revision) {
    if (revision < horizon()) {
      throw new IllegalArgumentException(
          "revision: " + revision + " (expected: the horizon " + horizon() + " or above)");
    }
  }

  @Override
  public ReadTxn at(long revision) {
    requireKept(revision);
    return new PastView(layers, revision);
  }

  @Override
  public long revisionAt(long stampMillis) {
    Stamp stamp = log(layers.active()).atOrBefore(stampMillis);
    Overlay sealed = layers.sealed();
    if (stamp == null && sealed != null) {
      stamp = log(sealed).atOrBefore(stampMillis);
    }
    if (stamp == null) {
      stamp = stampList.atOrBefore(layers.reader(), stampMillis, layers.tablesRevision());
    }
    return stamp == null ? 0 : stamp.revision();
  }

  @Override
  public long stampOf(long revision) {
    requireKept(revision);
    if (revision == 0) {
      return 0;
    }
    Stamp stamp = ofRevision(revision);
    return stamp == null ? end.stampMillis() : stamp.stampMillis();
  }

  @Override
  public long writtenBytes(long revision) {
    requireKept(revision);
    if (revision == 0) {
      return 0;
    }
    Stamp stamp = ofRevision(revision);
    return stamp == null ? end.writtenBytes() : stamp.writtenBytes();
  }

  private @Nullable Stamp ofRevision(long revision) {
    Stamp stamp = null;
    long last = layers.tablesRevision();
    if (revision <= last) {
      stamp = stampList.ofRevision(layers.reader(), revision, last);
    }
    Overlay sealed = layers.sealed();
    if (stamp == null && sealed != null) {
      stamp = log(sealed).ofRevision(revision);
    }
    return stamp == null ? log(layers.active()).ofRevision(revision) : stamp;
  }

  @Override
  public long revisionKeeping(long maxBytes) {
    long wanted = end.writtenBytes() - maxBytes;
    if (wanted <= 0) {
      return horizon();
    }
    Stamp stamp =
        stampList.firstWritten(layers.reader(), horizon(), wanted, layers.tablesRevision());
    Overlay sealed = layers.sealed();
    if (stamp == null && sealed != null) {
      stamp = log(sealed).firstWritten(wanted);
    }
    if (stamp == null) {
      stamp = log(layers.active()).firstWritten(wanted);
    }
    // Where an overlay was sealed in the midst of a millisecond is each node's own affair: all of
    // that millisecond goes.
    return stamp == null ? horizon() : Math.max(horizon(), revisionAt(stamp.stampMillis()));
  }

  @Override
  public Versions versions(byte[] key, long from, long to) {
    requireKept(from);
    return new RowVersions(layers, key, from, to);
  }

  @Override
  public Changes changes(long after, long to) {
    requireKept(after);
    return new ListedChanges(layers, changeList, after, to);
  }

  /** The rows as they were at a revision. */
  private static final class PastView implements ReadTxn {
    private final Layers layers;
    private final long revision;

    PastView(Layers layers, long revision) {
      this.layers = layers;
      this.revision = revision;
    }

    @Override
    public @Nullable Row get(byte[] key) {
      return layers.get(key, revision);
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) {
      return layers.scan(from, to, true, revision);
    }

    @Override
    public Cursor scanReverse(byte[] from, byte[] to) {
      return layers.scan(from, to, false, revision);
    }
  }
}
