package heartwood.server.keyspace;

import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys are not remembered, and which were not in moments that can still be asked. Part of the
 * state. Immutable.
 *
 * <pre>
 *   01 │ 08   →   format 1 (1 byte), then for each exclusion:
 *                 from 8 │ until 8 │ first object id 8 │ length 2 │ pattern
 * </pre>
 */
final class Exclusions {
  static final Exclusions NONE = new Exclusions(List.of());

  /** Those that are over count too, until the horizon has passed them. */
  static final int MAX_EXCLUSIONS = 256;

  private static final byte FORMAT = 1;
  private static final int HEAD_BYTES = 26;

  private final List<Exclusion> all;

  private Exclusions(List<Exclusion> all) {
    this.all = all;
  }

  static Exclusions read(ReadTxn txn) {
    Row row = txn.get(rawKey());
    if (row == null) {
      return NONE;
    }
    ByteBuffer value = row.value().duplicate();
    byte format = value.get();
    if (format != FORMAT) {
      throw new IllegalStateException("format of the exclusions: " + format);
    }
    List<Exclusion> all = new ArrayList<>();
    while (value.hasRemaining()) {
      long from = value.getLong();
      long until = value.getLong();
      long firstObjectId = value.getLong();
      byte[] pattern = new byte[value.getShort() & 0xffff];
      value.get(pattern);
      all.add(new Exclusion(pattern, from, until, firstObjectId));
    }
    return new Exclusions(all);
  }

  void write(Keyspace keyspace) {
    int bytes = all.stream().mapToInt(each -> HEAD_BYTES + each.pattern().length).sum();
    ByteBuffer value = ByteBuffer.allocate(1 + bytes).put(FORMAT);
    for (Exclusion each : all) {
      value.putLong(each.fromRevision()).putLong(each.untilRevision());
      value.putLong(each.firstObjectId());
      value.putShort((short) each.pattern().length).put(each.pattern());
    }
    keyspace.putRow(rawKey(), value.array());
  }

  private static byte[] rawKey() {
    return KeyLayout.metaKey(KeyLayout.META_EXCLUSIONS);
  }

  /**
   * What a revision makes of it that sets the patterns; null if there would be too many.
   *
   * @param horizon exclusions that were over by then are of no interest
   */
  @Nullable Exclusions with(
      List<byte[]> patterns, long revision, long firstObjectId, long horizon) {
    List<Exclusion> changed = new ArrayList<>();
    for (Exclusion each : all) {
      boolean goesOn = !each.isActive() || patterns.stream().anyMatch(each::hasPattern);
      Exclusion kept = goesOn ? each : each.endedIn(revision);
      if (kept.untilRevision() > horizon) {
        changed.add(kept);
      }
    }
    for (byte[] pattern : patterns) {
      if (changed.stream().noneMatch(each -> each.isActive() && each.hasPattern(pattern))) {
        changed.add(new Exclusion(pattern, revision, Exclusion.ACTIVE, firstObjectId));
      }
    }
    return changed.size() > MAX_EXCLUSIONS ? null : new Exclusions(List.copyOf(changed));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** By which a key is not remembered now, or null. */
  @Nullable Exclusion activeOf(byte[] key) {
    for (Exclusion each : all) {
      if (each.isActive() && each.glob().matches(key)) {
        return each;
      }
    }
    return null;
  }

  /** Which hides a moment of a key, or null; of several the one that ends last. */
  @Nullable Exclusion hiding(byte[] key, long revision, long lastRevision) {
    Exclusion last = null;
    for (Exclusion each : all) {
      boolean isLater = last == null || each.untilRevision() > last.untilRevision();
      if (isLater && each.hides(revision, lastRevision) && each.glob().matches(key)) {
        last = each;
      }
    }
    return last;
  }

  /** Whether a moment of some key is hidden. */
  boolean hideSome(long revision, long lastRevision) {
    return all.stream().anyMatch(each -> each.hides(revision, lastRevision));
  }

  /**
   * The last revision that can be asked of a key at which an exclusion of it ends, or the last of
   * all if one goes on; 0 if there is none.
   */
  long untilOf(byte[] key, long lastRevision) {
    long until = 0;
    for (Exclusion each : all) {
      if (each.glob().matches(key)) {
        until = Math.max(until, Math.min(each.untilRevision(), lastRevision));
      }
    }
    return until;
  }
}
