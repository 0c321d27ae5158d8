package heartwood.storage;

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
  public static final class Corrupt extends StorageException {
    private static final long serialVersionUID = 1L;

    public Corrupt(String message) {
      super(message);
    }
  }
}
