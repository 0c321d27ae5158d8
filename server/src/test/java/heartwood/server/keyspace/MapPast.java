package heartwood.server.keyspace;

import static java.util.Objects.requireNonNull;

import heartwood.storage.Applied;
import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The past said as simply as can be: the list of all writes, replayed for every question. */
final class MapPast implements Past {
  /** The write of a row; a null value is a deletion. */
  private record Write(long revision, int operation, byte[] key, byte @Nullable [] value) {}

  private final Function<byte[], ByteBuffer> lend;

  /** In the order of revisions, and of keys within one. */
  private final List<Write> writes = new ArrayList<>();

  /** The last revision of each stamp. */
  private final NavigableMap<Long, Long> stamps = new TreeMap<>();

  private long horizon;

  MapPast(Function<byte[], ByteBuffer> lend) {
    this.lend = lend;
  }

  /** A row written in a revision; once for each key and revision is enough. */
  void record(long revision, int operation, byte[] key, MapStore.@Nullable Version version) {
    Write write = new Write(revision, operation, key, version == null ? null : version.value());
    int at = writes.size();
    while (at > 0
        && writes.get(at - 1).revision == revision
        && Arrays.compareUnsigned(writes.get(at - 1).key, key) > 0) {
      at--;
    }
    boolean isKnown =
        at > 0
            && writes.get(at - 1).revision == revision
            && Arrays.equals(writes.get(at - 1).key, key);
    if (!isKnown) {
      writes.add(at, write);
    }
  }

  /** What a row was from a revision on, until it was written again, is not remembered. */
  void erase(byte[] key, long born) {
    writes.replaceAll(
        write ->
            write.revision == born && Arrays.equals(write.key, key)
                ? new Write(born, write.operation, key, null)
                : write);
  }

  void applied(Applied applied) {
    stamps.put(applied.stamp(), applied.revision());
  }

  void raiseHorizon(long revision) {
    horizon = Math.max(horizon, revision);
  }

  @Override
  public long horizon() {
    return horizon;
  }

  private void require(long revision) {
    if (revision < horizon) {
      throw new IllegalArgumentException(
          "revision: " + revision + " (expected: " + horizon + " or above)");
    }
  }

  @Override
  public ReadTxn at(long revision) {
    require(revision);
    NavigableMap<byte[], Write> rows = new TreeMap<>(Arrays::compareUnsigned);
    for (Write write : writes) {
      if (write.revision > revision) {
        break;
      }
      if (write.value == null) {
        rows.remove(write.key);
      } else {
        rows.put(write.key, write);
      }
    }
    return new PastView(rows);
  }

  @Override
  public long revisionAt(long stampMillis) {
    Map.Entry<Long, Long> found = stamps.floorEntry(stampMillis);
    return found == null ? 0 : found.getValue();
  }

  @Override
  public long stampOf(long revision) {
    require(revision);
    long last = 0;
    for (Map.Entry<Long, Long> each : stamps.entrySet()) {
      last = each.getKey();
      if (each.getValue() >= revision) {
        return revision == 0 ? 0 : last;
      }
    }
    return last;
  }

  @Override
  public long revisionKeeping(long maxBytes) {
    long wanted = writtenUpTo(Long.MAX_VALUE) - maxBytes;
    return stamps.values().stream()
        .filter(revision -> revision >= horizon && writtenUpTo(revision) >= wanted)
        .findFirst()
        .orElse(horizon);
  }

  @Override
  public long writtenBytes(long revision) {
    return writtenUpTo(
        Objects.requireNonNullElse(
            stamps.values().stream().filter(each -> each >= revision).findFirst().orElse(null),
            Long.MAX_VALUE));
  }

  private long writtenUpTo(long upTo) {
    return writes.stream()
        .filter(write -> write.revision <= upTo && KeyLayout.KINDS.hasPast(write.key))
        .mapToLong(write -> 16 + write.key.length + (write.value == null ? 0 : write.value.length))
        .sum();
  }

  @Override
  public Versions versions(byte[] key, long from, long to) {
    require(from);
    List<Seen> seen = new ArrayList<>();
    long died = Versions.ALIVE;
    for (int i = writes.size() - 1; i >= 0; i--) {
      Write write = writes.get(i);
      if (Arrays.equals(write.key, key)) {
        if (write.value != null && write.revision <= to && died > from) {
          seen.add(new Seen(write.revision, died, write.value));
        }
        died = write.revision;
      }
    }
    return new ListedVersions(seen.iterator());
  }

  @Override
  public Changes changes(long after, long to) {
    require(after);
    List<Write> listed = new ArrayList<>();
    for (Write write : writes) {
      if (write.revision > after && write.revision <= to && KeyLayout.KINDS.isListed(write.key)) {
        listed.add(write);
      }
    }
    return new ListedChanges(listed.iterator());
  }

  private record Seen(long born, long died, byte[] value) {}

  private final class ListedVersions implements Versions {
    private final Iterator<Seen> rest;
    private @Nullable Seen seen;

    ListedVersions(Iterator<Seen> rest) {
      this.rest = rest;
    }

    @Override
    public boolean next() {
      seen = rest.hasNext() ? rest.next() : null;
      return seen != null;
    }

    @Override
    public long born() {
      return requireNonNull(seen).born;
    }

    @Override
    public long died() {
      return requireNonNull(seen).died;
    }

    @Override
    public ByteBuffer value() {
      return lend.apply(requireNonNull(seen).value);
    }

    @Override
    public void close() {}
  }

  private final class ListedChanges implements Changes {
    private final Iterator<Write> rest;
    private @Nullable Write write;

    ListedChanges(Iterator<Write> rest) {
      this.rest = rest;
    }

    @Override
    public boolean next() {
      write = rest.hasNext() ? rest.next() : null;
      return write != null;
    }

    @Override
    public long revision() {
      return requireNonNull(write).revision;
    }

    @Override
    public int operation() {
      return requireNonNull(write).operation;
    }

    @Override
    public ByteBuffer key() {
      return lend.apply(requireNonNull(write).key);
    }

    @Override
    public void close() {}
  }

  private final class PastView implements ReadTxn {
    private final NavigableMap<byte[], Write> rows;

    PastView(NavigableMap<byte[], Write> rows) {
      this.rows = rows;
    }

    @Override
    public @Nullable Row get(byte[] key) {
      Write write = rows.get(key);
      return write == null
          ? null
          : new Row(write.revision, lend.apply(requireNonNull(write.value)));
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) {
      return new PastCursor(rows.subMap(from, true, to, false));
    }

    @Override
    public Cursor scanReverse(byte[] from, byte[] to) {
      return new PastCursor(rows.subMap(from, true, to, false).descendingMap());
    }
  }

  private final class PastCursor implements Cursor {
    private final Iterator<Write> rest;
    private @Nullable Write row;

    PastCursor(NavigableMap<byte[], Write> range) {
      this.rest = range.values().iterator();
    }

    @Override
    public boolean next() {
      row = rest.hasNext() ? rest.next() : null;
      return row != null;
    }

    @Override
    public ByteBuffer key() {
      return lend.apply(requireNonNull(row).key);
    }

    @Override
    public ByteBuffer value() {
      return lend.apply(requireNonNull(requireNonNull(row).value));
    }

    @Override
    public long born() {
      return requireNonNull(row).revision;
    }

    @Override
    public void close() {}
  }
}
