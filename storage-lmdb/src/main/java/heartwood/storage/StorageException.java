package heartwood.storage;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The storage could not do what was asked; the type says why. */
public class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The map size or the disk is exhausted; nothing was written. */
  public static final class Full extends StorageException {
    private static final long serialVersionUID = 1L;

    public Full(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A directory is missing, in use, there already, or belongs to somebody else. */
  public static final class WrongDirectory extends StorageException {
    private static final long serialVersionUID = 1L;

    public WrongDirectory(String message) {
      super(message);
    }
  }

  /** What was read is not what was written. */
  public static class Corrupt extends StorageException {
    private static final long serialVersionUID = 1L;

    public Corrupt(String message) {
      super(message);
    }
  }

  /** The state is not what the others have: nobody serves it before a person has asked why. */
  public static final class Condemned extends Corrupt {
    private static final long serialVersionUID = 1L;

    public Condemned(String message) {
      super(message);
    }
  }

  /** A row whose checksum does not hold: its table, its key, and what to do. */
  public static final class DamagedRow extends Corrupt {
    private static final long serialVersionUID = 1L;

    private static final int MAX_KEY_BYTES = 64;

    private final String table;

    /**
     * @param key as it was found; does not move
     */
    public DamagedRow(String table, ByteBuffer key) {
      super(
          "the row under key "
              + hex(key)
              + " of table "
              + table
              + " is not as it was written: its checksum does not hold. See what the system says of"
              + " the disk and the memory, and read the data through with heartwood verify");
      this.table = table;
    }

    public String table() {
      return table;
    }

    /** Bounded: the table and the beginning of a key are enough to find it. */
    private static String hex(ByteBuffer key) {
      byte[] shown = new byte[Math.min(key.remaining(), MAX_KEY_BYTES)];
      key.get(key.position(), shown);
      return HexFormat.of().formatHex(shown) + (shown.length < key.remaining() ? "…" : "");
    }
  }
}
