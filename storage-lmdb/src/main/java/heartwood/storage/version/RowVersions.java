package heartwood.storage.version;

import heartwood.storage.Past;
import heartwood.storage.history.VersionWalk;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one row, from the youngest layer down: the overlays, the tables' present version,
 * the runs. Confined to the thread of its layers.
 */
final class RowVersions implements Past.Versions {
  private enum Stage {
    ACTIVE,
    SEALED,
    CURRENT,
    RUNS,
    END
  }

  private final Layers layers;
  private final byte[] key;
  private final long keyHash;
  private final long from;
  private final long to;

  private Stage stage = Stage.ACTIVE;

  /** In the stages of overlays: the version to look at next, deletions included. */
  private int version;

  private @Nullable VersionWalk walk;
  private boolean isClosed;

  /** The birth of the youngest version or deletion passed: where the next older one died. */
  private long passed = ALIVE;

  /** Whether the version before the last one passed leaves something; else nobody may see it. */
  private boolean isFormerKept = true;

  private long born;
  private long died;
  private @Nullable ByteBuffer value;

  RowVersions(Layers layers, byte[] key, long from, long to) {
    this.layers = layers;
    this.key = key;
    this.keyHash = Layers.hashOf(key);
    this.from = from;
    this.to = to;
    this.version = youngestIn(layers.active());
    layers.cursorOpened();
  }

  private int youngestIn(@Nullable Overlay overlay) {
    int row = overlay == null ? 0 : overlay.row(key, keyHash);
    return overlay == null || row == 0 ? Overlay.NONE : overlay.versionAt(row, layers.revision());
  }

  @Override
  public boolean next() {
    layers.visit();
    value = null;
    while (stage != Stage.END) {
      boolean isFound =
          switch (stage) {
            case ACTIVE -> nextOf(layers.active(), Stage.SEALED);
            case SEALED -> nextOf(layers.sealed(), Stage.CURRENT);
            case CURRENT -> current();
            case RUNS -> nextOfRuns();
            case END -> false;
          };
      if (isFound) {
        if (died <= from) {
          stage = Stage.END; // So are all that are older.
        } else if (born <= to) {
          return true;
        }
      }
    }
    value = null;
    return false;
  }

  /** Looks at one version of an overlay, or goes on to the next stage. */
  private boolean nextOf(@Nullable Overlay overlay, Stage below) {
    if (overlay == null || version == Overlay.NONE) {
      stage = below;
      version = below == Stage.SEALED ? youngestIn(layers.sealed()) : Overlay.NONE;
      return false;
    }
    int here = version;
    version = overlay.previous(here);
    long bornHere = overlay.born(here);
    boolean isVersion = !overlay.isDeletion(here) && isFormerKept;
    isFormerKept = overlay.isFormerKept(here);
    if (isVersion) {
      show(bornHere, passed, overlay.value(here));
    }
    passed = bornHere;
    return isVersion;
  }

  private boolean current() {
    stage = Stage.RUNS;
    walk = layers.runs().versions(key, keyHash, from, to);
    ByteBuffer row = layers.currentRow(key);
    // Where the tables have what the sealed overlay has, it was shown already.
    if (row == null || CurrentRow.born(row) >= passed) {
      return false;
    }
    if (!isFormerKept) {
      passed = CurrentRow.born(row);
      return false;
    }
    show(CurrentRow.born(row), passed, CurrentRow.value(row));
    passed = born;
    return true;
  }

  private boolean nextOfRuns() {
    VersionWalk present = walk;
    if (present == null || !present.next()) {
      stage = Stage.END;
      return false;
    }
    if (present.born() >= passed) {
      return false;
    }
    show(present.born(), present.died(), present.value());
    return true;
  }

  private void show(long bornHere, long diedHere, ByteBuffer valueHere) {
    born = bornHere;
    died = diedHere;
    value = valueHere;
  }

  @Override
  public long born() {
    return born;
  }

  @Override
  public long died() {
    return died;
  }

  @Override
  public ByteBuffer value() {
    if (value == null) {
      throw new IllegalStateException("the walk stands on no version");
    }
    return value;
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      stage = Stage.END;
      if (walk != null) {
        walk.close();
      }
      layers.cursorClosed();
    }
  }
}
