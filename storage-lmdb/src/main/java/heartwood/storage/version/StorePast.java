package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.StampList;
import heartwood.storage.history.StampList.Stamp;
import org.jspecify.annotations.Nullable;

/** The past of a store, by the layers of now. Confined to the apply thread. */
final class StorePast implements Past {
  private final VersionedStore store;
  private final Layers layers;
  private final ChangeList changeList;
  private final StampList stampList;

  StorePast(VersionedStore store, Layers layers, ChangeList changeList, StampList stampList) {
    this.store = store;
    this.layers = layers;
    this.changeList = changeList;
    this.stampList = stampList;
  }

  @Override
  public long horizon() {
    return store.horizon();
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
    Stamp stamp = layers.active().log().atOrBefore(stampMillis);
    Overlay sealed = layers.sealed();
    if (stamp == null && sealed != null) {
      stamp = sealed.log().atOrBefore(stampMillis);
    }
    if (stamp == null) {
      stamp = stampList.atOrBefore(layers.reader(), stampMillis);
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
    return stamp == null ? store.applied().stamp() : stamp.stampMillis();
  }

  @Override
  public long writtenBytes(long revision) {
    requireKept(revision);
    if (revision == 0) {
      return 0;
    }
    Stamp stamp = ofRevision(revision);
    return stamp == null ? store.writtenBytes() : stamp.writtenBytes();
  }

  private @Nullable Stamp ofRevision(long revision) {
    Stamp stamp = null;
    if (revision <= layers.tablesRevision()) {
      stamp = stampList.ofRevision(layers.reader(), revision);
    }
    Overlay sealed = layers.sealed();
    if (stamp == null && sealed != null) {
      stamp = sealed.log().ofRevision(revision);
    }
    return stamp == null ? layers.active().log().ofRevision(revision) : stamp;
  }

  @Override
  public long revisionKeeping(long maxBytes) {
    long wanted = store.writtenBytes() - maxBytes;
    if (wanted <= 0) {
      return horizon();
    }
    Stamp stamp = stampList.firstWritten(layers.reader(), horizon(), wanted);
    Overlay sealed = layers.sealed();
    if (stamp == null && sealed != null) {
      stamp = sealed.log().firstWritten(wanted);
    }
    if (stamp == null) {
      stamp = layers.active().log().firstWritten(wanted);
    }
    return stamp == null ? horizon() : Math.max(horizon(), stamp.revision());
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
