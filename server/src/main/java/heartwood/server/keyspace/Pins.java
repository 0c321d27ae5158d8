package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moments with a name, which hold the horizon back until they expire. They are part of the state,
 * so all nodes forget alike; there are few, and each lookup reads them all. Confined to the thread
 * of its keyspace.
 *
 * <pre>
 *   01 │ 06 │ name … │ 00   →   format 1 (1 byte) │ revision 8 │ its stamp 8 │ expiry 8
 * </pre>
 */
public final class Pins {
  public static final int MAX_PINS = 128;
  public static final int MAX_NAME_BYTES = 64;

  private static final byte FORMAT = 1;

  /**
   * @param name printable ASCII without blanks
   * @param stampMillis the time of the revision
   * @param expiry milliseconds since 1970: from then on it holds nothing back
   */
  public record Pin(String name, long revision, long stampMillis, long expiry) {}

  private final Keyspace keyspace;

  public Pins(Keyspace keyspace) {
    this.keyspace = keyspace;
  }

  /** Those that have not expired, by name. */
  public List<Pin> all() {
    return all(keyspace.reads(), keyspace.context().stampMillis());
  }

  /** The pin of a name that has not expired, or null. */
  public @Nullable Pin find(String name) {
    for (Pin pin : all()) {
      if (pin.name().equals(name)) {
        return pin;
      }
    }
    return null;
  }

  /** Writes a pin, over one of its name if there is; false if there are too many. */
  public boolean put(Pin pin) {
    if (find(pin.name()) == null && all().size() >= MAX_PINS) {
      return false;
    }
    removeExpired();
    byte[] row = new byte[25];
    row[0] = FORMAT;
    KeyLayout.putLong(row, 1, pin.revision());
    KeyLayout.putLong(row, 9, pin.stampMillis());
    KeyLayout.putLong(row, 17, pin.expiry());
    keyspace.putRow(rawKey(pin.name()), row);
    return true;
  }

  /** Says whether there was one. */
  public boolean remove(String name) {
    boolean isThere = find(name) != null;
    if (isThere) {
      keyspace.deleteRow(rawKey(name));
    }
    return isThere;
  }

  private void removeExpired() {
    for (Pin pin : all(keyspace.reads(), Long.MIN_VALUE)) {
      if (pin.expiry() <= keyspace.context().stampMillis()) {
        keyspace.deleteRow(rawKey(pin.name()));
      }
    }
  }

  /** The least revision that a pin holds at a stamp, below which the horizon stays; or the most. */
  public static long lowestPinned(ReadTxn txn, long stampMillis) {
    long lowest = Long.MAX_VALUE;
    for (Pin pin : all(txn, stampMillis)) {
      lowest = Math.min(lowest, pin.revision());
    }
    return lowest;
  }

  private static List<Pin> all(ReadTxn txn, long stampMillis) {
    List<Pin> pins = new ArrayList<>();
    byte[] from = KeyLayout.metaKey(KeyLayout.META_PIN);
    try (Cursor cursor = txn.scan(from, KeyLayout.after(from))) {
      while (cursor.next()) {
        Pin pin = decode(cursor.key(), cursor.value());
        if (pin.expiry() > stampMillis) {
          pins.add(pin);
        }
      }
    }
    return pins;
  }

  private static Pin decode(ByteBuffer rawKey, ByteBuffer row) {
    int position = row.position();
    if (row.get(position) != FORMAT) {
      throw new IllegalStateException("format of a pin's row: " + row.get(position));
    }
    byte[] name = new byte[rawKey.remaining() - 3];
    rawKey.get(rawKey.position() + 2, name);
    return new Pin(
        new String(name, StandardCharsets.US_ASCII),
        row.getLong(position + 1),
        row.getLong(position + 9),
        row.getLong(position + 17));
  }

  private static byte[] rawKey(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    byte[] raw = new byte[bytes.length + 3];
    raw[0] = KeyLayout.META;
    raw[1] = KeyLayout.META_PIN;
    System.arraycopy(bytes, 0, raw, 2, bytes.length);
    return raw;
  }
}
