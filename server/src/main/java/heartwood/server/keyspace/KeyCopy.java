package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Copies values with their expiries, but for elements due. What is copied is read in pages, for
 * what is written may end the life of what a cursor stands on. Confined to the keyspace's thread.
 */
final class KeyCopy {
  private static final int PAGE_ROWS = 512;

  private final Keyspace keyspace;
  private final ReadTxn elements;
  private final long stampMillis;

  /**
   * @param elements where those of the copied keys are read
   */
  KeyCopy(Keyspace keyspace, ReadTxn elements) {
    this.keyspace = keyspace;
    this.elements = elements;
    this.stampMillis = keyspace.context().stampMillis();
  }

  /** Gives a copy of the value and the expiry of one key to another. */
  void copy(KeyEntry from, KeyEntry to) {
    to.takeValueOf(from);
    if (from.hasObject()) {
      to.setObjectId(keyspace.newObjectId());
      copyElements(from.objectId(), to);
      if (keyspace.isDue(from.firstElementExpiry())) {
        FieldExpiries was = new FieldExpiries(keyspace, from);
        new FieldExpiries(keyspace, to).leftOut(was.countDue(elements));
      }
    }
    keyspace.save(to);
  }

  private void copyElements(long fromObject, KeyEntry to) {
    byte[] position = KeyLayout.objectPosition(fromObject);
    byte[] end = KeyLayout.objectPosition(fromObject + 1);
    List<byte[]> page = new ArrayList<>();
    do {
      page.clear();
      try (Cursor cursor = elements.scan(position, end)) {
        while (page.size() < 2 * PAGE_ROWS && cursor.next()) {
          if (!FieldExpiries.isDue(cursor.key(), cursor.value(), stampMillis)) {
            page.add(Keyspace.bytesOf(cursor.key()));
            page.add(Keyspace.bytesOf(cursor.value()));
          }
        }
      }
      for (int i = 0; i < page.size(); i += 2) {
        byte[] rawKey = page.get(i);
        position = Arrays.copyOf(rawKey, rawKey.length + 1);
        KeyLayout.putLong(rawKey, 1, to.objectId());
        keyspace.putElement(to, rawKey, page.get(i + 1));
      }
    } while (!page.isEmpty());
  }
}
