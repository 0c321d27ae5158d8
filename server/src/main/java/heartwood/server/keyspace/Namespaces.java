package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.WriteTxn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which namespace each database has at present, and the counts of each: emptying a database gives
 * it a new namespace. Changes count at once, are taken back by {@link #discard} and last with
 * {@link #keep}. Confined to the thread of its keyspace.
 *
 * <p>The rows under META: {@code database → format 1 (1 byte) │ namespace 4}, {@code next namespace
 * → format 1 (1 byte) │ namespace 4}, and those of {@link NamespaceCounts}. A database without a
 * row has the namespace of its own number.
 */
final class Namespaces {
  private static final byte FORMAT = 1;

  /** Namespaces below are those that the databases are born with. */
  private static final int FIRST_NEW_NAMESPACE = 1 << 16;

  /** The namespace of each database, and what it was when the revision began if that differs. */
  private int[] ofDatabases;

  private int @Nullable [] keptOfDatabases;

  /** No database got another namespace since this revision. */
  private long mappedRevision;

  /** Counts are read when they are asked for, which of the past they seldom are. */
  private final boolean isPast;

  private int next = FIRST_NEW_NAMESPACE;
  private int keptNext = FIRST_NEW_NAMESPACE;

  /** Sorted, so that all nodes write the rows of an entry's end in one order. */
  private final SortedMap<Integer, NamespaceCounts> counts = new TreeMap<>();

  /** The same by database, to find them without a search; may be behind {@link #ofDatabases}. */
  private final @Nullable NamespaceCounts[] countsOfDatabases;

  private final List<NamespaceCounts> changed = new ArrayList<>();

  Namespaces(ReadTxn txn, int databaseCount) {
    this(txn, databaseCount, false);
  }

  private Namespaces(ReadTxn txn, int databaseCount, boolean isPast) {
    this.isPast = isPast;
    ofDatabases = new int[databaseCount];
    countsOfDatabases = new NamespaceCounts[databaseCount];
    for (int i = 0; i < databaseCount; i++) {
      ofDatabases[i] = i;
    }
    byte[] from = KeyLayout.metaKey(KeyLayout.META_DATABASE);
    try (Cursor cursor = txn.scan(from, KeyLayout.after(from))) {
      while (cursor.next()) {
        int database = cursor.key().getInt(cursor.key().position() + 2);
        ofDatabases[database] = namespaceOf(cursor.value());
        mappedRevision = Math.max(mappedRevision, cursor.born());
      }
    }
    Row row = txn.get(KeyLayout.metaKey(KeyLayout.META_NEXT_NAMESPACE));
    if (row != null) {
      next = namespaceOf(row.value());
      keptNext = next;
    }
  }

  /** Of a moment at which these were what they are now; their array is not written to any more. */
  private Namespaces(Namespaces same, boolean isPast) {
    this.isPast = isPast;
    ofDatabases = same.ofDatabases;
    countsOfDatabases = new NamespaceCounts[ofDatabases.length];
    mappedRevision = same.mappedRevision;
  }

  /** As it is now, for another thread. Between two revisions. */
  Namespaces copy() {
    Namespaces copy = new Namespaces(this, false);
    counts.forEach((namespace, each) -> copy.counts.put(namespace, each.copy()));
    return copy;
  }

  /** To read what was at a revision, with a view of that. */
  Namespaces asOf(ReadTxn txn, long revision) {
    return revision >= mappedRevision
        ? new Namespaces(this, true)
        : new Namespaces(txn, ofDatabases.length, true);
  }

  private static int namespaceOf(ByteBuffer row) {
    return row.getInt(row.position() + 1);
  }

  /** A namespace that a database had from the revision {@code first} to {@code last}. */
  record Span(int namespace, long first, long last) {}

  /** The namespaces that a database had in the revisions {@code from} to {@code to}, last first. */
  static List<Span> spans(Past past, int database, long from, long to) {
    List<Span> spans = new ArrayList<>();
    byte[] rawKey = KeyLayout.metaKey(KeyLayout.META_DATABASE, database);
    long last = to;
    try (Past.Versions versions = past.versions(rawKey, from, to)) {
      while (versions.next()) {
        long first = Math.max(from, versions.born());
        spans.add(new Span(namespaceOf(versions.value()), first, last));
        last = versions.born() - 1;
      }
    }
    if (last >= from) {
      spans.add(new Span(database, from, last)); // the one that it was born with
    }
    return spans;
  }

  int databaseCount() {
    return ofDatabases.length;
  }

  /** A database's namespace, with its counts; in the past without. */
  NamespaceCounts of(int database, ReadTxn txn) {
    NamespaceCounts known = countsOfDatabases[database];
    int namespace = ofDatabases[database];
    if (known != null && known.namespace == namespace) {
      return known;
    }
    known = counts.get(namespace);
    if (known == null) {
      known = new NamespaceCounts(namespace);
      if (!isPast) {
        load(known, txn);
      }
      counts.put(namespace, known);
    }
    countsOfDatabases[database] = known;
    return known;
  }

  /** The counts of a database's namespace. */
  NamespaceCounts counted(int database, ReadTxn txn) {
    NamespaceCounts found = of(database, txn);
    if (isPast) {
      load(found, txn);
    }
    return found;
  }

  private static void load(NamespaceCounts counts, ReadTxn txn) {
    Row row = txn.get(KeyLayout.metaKey(KeyLayout.META_COUNTS, counts.namespace));
    if (row != null) {
      counts.load(row.value());
    }
  }

  /** Gives a database a namespace that nobody had. */
  void renew(int database, WriteTxn txn) {
    int namespace = next++;
    txn.put(KeyLayout.metaKey(KeyLayout.META_NEXT_NAMESPACE), row(next));
    map(database, namespace, txn);
  }

  /** Exchanges the namespaces of two databases. */
  void swap(int first, int second, WriteTxn txn) {
    int namespace = ofDatabases[first];
    map(first, ofDatabases[second], txn);
    map(second, namespace, txn);
  }

  private void map(int database, int namespace, WriteTxn txn) {
    if (keptOfDatabases == null) {
      keptOfDatabases = ofDatabases;
      ofDatabases = ofDatabases.clone();
    }
    ofDatabases[database] = namespace;
    mappedRevision = txn.revision();
    txn.put(KeyLayout.metaKey(KeyLayout.META_DATABASE, database), row(namespace));
  }

  private static byte[] row(int namespace) {
    byte[] row = new byte[5];
    row[0] = FORMAT;
    KeyLayout.putInt(row, 1, namespace);
    return row;
  }

  void add(NamespaceCounts to, int keysMore, int expiringMore, int elementsExpiringMore) {
    if (!changed.contains(to)) {
      changed.add(to);
    }
    to.add(keysMore, expiringMore, elementsExpiringMore);
  }

  void keep() {
    for (int i = 0; i < changed.size(); i++) {
      changed.get(i).keep();
    }
    changed.clear();
    keptOfDatabases = null;
    keptNext = next;
  }

  void discard() {
    for (int i = 0; i < changed.size(); i++) {
      changed.get(i).discard();
    }
    changed.clear();
    if (keptOfDatabases != null) {
      ofDatabases = keptOfDatabases;
      keptOfDatabases = null;
    }
    next = keptNext;
  }

  /** Writes the counts that differ from their rows. */
  void writeCounts(WriteTxn txn) {
    for (NamespaceCounts each : counts.values()) {
      if (each.differsFromRow()) {
        txn.put(KeyLayout.metaKey(KeyLayout.META_COUNTS, each.namespace), each.encode());
      }
    }
  }

  /** Forgets a namespace of which nothing is left. */
  void forget(int namespace) {
    counts.remove(namespace);
  }
}
