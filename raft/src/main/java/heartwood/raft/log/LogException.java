package heartwood.raft.log;

import org.jspecify.annotations.Nullable;

/** The log could not do what was asked; the type says why. */
public class LogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LogException(String message) {
    super(message);
  }

  public LogException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The index was compacted away; a snapshot covers it. */
  public static final class Compacted extends LogException {
    private static final long serialVersionUID = 1L;

    public Compacted(String message) {
      super(message);
    }
  }

  /** An entry or the meta data is not what was written. */
  public static final class Corrupt extends LogException {
    private static final long serialVersionUID = 1L;

    /** Of the entry that is damaged; 0: of something else. */
    private final long index;

    public Corrupt(String message) {
      this(message, 0);
    }

    public Corrupt(String message, long index) {
      super(message);
      this.index = index;
    }

    /** Of the entry that is damaged; 0 if it is no entry. */
    public long index() {
      return index;
    }
  }

  /** The disk or the map is exhausted; nothing of the write was kept. */
  public static final class Full extends LogException {
    private static final long serialVersionUID = 1L;

    public Full(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A directory is missing, in use, there already, or belongs to somebody else. */
  public static final class WrongDirectory extends LogException {
    private static final long serialVersionUID = 1L;

    public WrongDirectory(String message) {
      super(message);
    }
  }

  /** A write failed, and nothing more is written until the process starts anew. */
  public static final class Poisoned extends LogException {
    private static final long serialVersionUID = 1L;

    public Poisoned(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
