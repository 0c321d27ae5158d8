package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The elements of one kind that are stored by the hash of their bytes: a hash's fields, a set's
 * members; all of them, or those that a filter lets pass. Confined to the thread of its keyspace,
 * valid until the next write.
 *
 * <p>The cursor is the top 53 bits of the hash, with the same promises as in {@link KeyScan}.
 *
 * <p>Random elements of a small value are drawn by their number, each with the same chance. Of a
 * large one they are drawn by throwing a hash into the order and walking up to 15 rows on from
 * where it falls: the walk evens out the gaps between hashes, and the cost does not depend on the
 * size.
 */
final class MemberScan {
  private static final int UNUSED_BITS = 11;
  private static final long SMALL = 1024;
  private static final int MAX_WALK = 16;

  /** What a draw from a large value is worth: a search, and half of the walk. */
  private static final int ROWS_A_DRAW = MAX_WALK / 2;

  /** Takes the rows that a walk meets; the buffers are valid during the call. */
  @FunctionalInterface
  interface Visitor {
    void row(ByteBuffer rawKey, ByteBuffer value);
  }

  /** Says which rows there are at all, as far as a walk is concerned. */
  @FunctionalInterface
  interface Filter {
    boolean passes(ByteBuffer value);
  }

  static final Filter EVERY = value -> true;

  private record CopiedRow(ByteBuffer rawKey, ByteBuffer value) {
    void visit(Visitor visitor) {
      visitor.row(rawKey, value);
    }
  }

  private final Keyspace keyspace;
  private final long objectId;
  private final byte kind;
  private final Filter filter;
  private final byte[] start;
  private final byte[] end;

  MemberScan(Keyspace keyspace, long objectId, byte kind, Filter filter) {
    this.keyspace = keyspace;
    this.objectId = objectId;
    this.kind = kind;
    this.filter = filter;
    this.start = KeyLayout.elementPosition(objectId, kind);
    this.end = KeyLayout.after(start);
  }

  /** Visits at least {@code count} rows if there are as many, and returns the next cursor or 0. */
  long page(long cursorValue, long count, Visitor visitor) {
    if (cursorValue >>> (64 - UNUSED_BITS) != 0) {
      return 0;
    }
    byte[] from = KeyLayout.memberPosition(objectId, kind, cursorValue << UNUSED_BITS);
    long visited = 0;
    long last = -1;
    try (Cursor cursor = keyspace.reads().scan(from, end)) {
      while (cursor.next()) {
        ByteBuffer rawKey = cursor.key();
        long here = rawKey.getLong(rawKey.position() + KeyLayout.ELEMENT_HEAD) >>> UNUSED_BITS;
        if (visited >= count && here != last) {
          return here;
        }
        last = here;
        visited++;
        if (filter.passes(cursor.value())) {
          visitor.row(rawKey, cursor.value());
        }
      }
    }
    return 0;
  }

  private boolean next(Cursor cursor) {
    while (cursor.next()) {
      if (filter.passes(cursor.value())) {
        return true;
      }
    }
    return false;
  }

  void all(Visitor visitor) {
    try (Cursor cursor = keyspace.reads().scan(start, end)) {
      while (next(cursor)) {
        visitor.row(cursor.key(), cursor.value());
      }
    }
  }

  /** Visits {@code count} different elements of {@code size}. Invariant: count <= size. */
  void randomDistinct(long count, long size, Visitor visitor) {
    if (size <= SMALL || count > size / 8) {
      keyspace.willVisit(size);
      sample(count, size, visitor);
      return;
    }
    keyspace.willVisit(count * ROWS_A_DRAW);
    Set<ByteBuffer> seen = new HashSet<>();
    while (seen.size() < count) {
      CopiedRow row = thrown(size);
      if (seen.add(row.rawKey)) {
        row.visit(visitor);
      }
    }
  }

  /** Selection sampling (Knuth, volume 2, 3.4.2, algorithm S): each subset has the same chance. */
  private void sample(long count, long size, Visitor visitor) {
    long wanted = count;
    long left = size;
    try (Cursor cursor = keyspace.reads().scan(start, end)) {
      while (wanted > 0 && next(cursor)) {
        if (keyspace.nextRandom(left) < wanted) {
          visitor.row(cursor.key(), cursor.value());
          wanted--;
        }
        left--;
      }
    }
  }

  /** Visits {@code count} elements of {@code size}, each drawn from all. */
  void randomRepeated(long count, long size, Visitor visitor) {
    keyspace.willVisit(size > SMALL ? count * ROWS_A_DRAW : size + count);
    if (size > SMALL) {
      for (long i = 0; i < count; i++) {
        thrown(size).visit(visitor);
      }
      return;
    }
    List<CopiedRow> rows = new ArrayList<>((int) size);
    all((rawKey, value) -> rows.add(copy(rawKey, value)));
    for (long i = 0; i < count; i++) {
      rows.get((int) keyspace.nextRandom(rows.size())).visit(visitor);
    }
  }

  private CopiedRow thrown(long size) {
    byte[] from = KeyLayout.memberPosition(objectId, kind, keyspace.nextRandom());
    long walk = keyspace.nextRandom(Math.min(size, MAX_WALK));
    try (Cursor cursor = keyspace.reads().scan(from, end)) {
      while (next(cursor)) {
        if (walk-- == 0) {
          return copy(cursor.key(), cursor.value());
        }
      }
    }
    try (Cursor cursor = keyspace.reads().scan(start, end)) {
      while (next(cursor)) {
        if (walk-- <= 0) {
          return copy(cursor.key(), cursor.value());
        }
      }
    }
    throw new IllegalStateException("an empty value has no random element");
  }

  private static CopiedRow copy(ByteBuffer rawKey, ByteBuffer value) {
    return new CopiedRow(copy(rawKey), copy(value));
  }

  private static ByteBuffer copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return ByteBuffer.wrap(bytes);
  }
}
