package heartwood.server.keyspace;

import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * What the rows of counts do not know in the midst of an entry: they are written once, at its end,
 * and those of a revision before that are the ones of the entry before. Stateless.
 */
final class EntryDelta {
  private EntryDelta() {}

  /**
   * How many keys more a namespace has at a view's revision than its counts say, found by what has
   * changed since the last stamp before: one entry most often.
   */
  static long keys(Past past, NamespaceCounts counts, Keyspace view) {
    long revision = view.context().revision();
    long stampMillis = past.stampOf(revision);
    if (past.revisionAt(stampMillis) == revision) {
      return 0; // The end of an entry, as all moments are that are not said by their revision.
    }
    long before = entryEndBefore(past, revision);
    ReadTxn then = past.at(before);
    byte[] directory = KeyLayout.namespacePosition(KeyLayout.DIRECTORY, counts.namespace);
    Set<ByteBuffer> seen = new HashSet<>();
    long more = 0;
    try (Past.Changes changes = past.changes(before, revision)) {
      while (changes.next()) {
        byte[] rawKey = new byte[changes.key().remaining()];
        changes.key().get(changes.key().position(), rawKey);
        if (startsWith(rawKey, directory) && seen.add(ByteBuffer.wrap(rawKey))) {
          more += (view.reads().get(rawKey) == null ? 0 : 1) - (then.get(rawKey) == null ? 0 : 1);
        }
      }
    }
    Row row = then.get(KeyLayout.metaKey(KeyLayout.META_COUNTS, counts.namespace));
    NamespaceCounts counted = new NamespaceCounts(counts.namespace);
    if (row != null) {
      counted.load(row.value());
    }
    return counted.keys() + more - counts.keys();
  }

  /** The last revision of an entry before that of a revision, of an earlier stamp. */
  static long entryEndBefore(Past past, long revision) {
    return Math.max(past.horizon(), past.revisionAt(past.stampOf(revision) - 1));
  }

  private static boolean startsWith(byte[] rawKey, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (i >= rawKey.length || rawKey[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
