package heartwood.storage;

import heartwood.raft.log.LogException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a disk's refusal means to an operator: what, where, how many bytes are free, what to do.
 * Stateless.
 *
 * <p>Java and LMDB tell only in words what the system said; and LMDB calls a write that the disk
 * cut short an input/output error, so one of those on a disk without room is a full disk.
 */
public final class DiskFault {
  /** With less than this a write of LMDB may have been cut short. */
  private static final long NO_ROOM_BYTES = 1 << 20;

  private DiskFault() {}

  /**
   * A sentence or two about a failure that a disk has caused; null if no disk has.
   *
   * @param directory of the node's data
   */
  public static @Nullable String told(Path directory, Throwable failure) {
    String room = room(directory);
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String said = String.valueOf(cause.getMessage());
      if (said.contains("MDB_MAP_FULL")) {
        return "log-map-size or state-map-size is used up ("
            + directory
            + "): set it higher and start the node again. What it acknowledged is kept.";
      }
      if (cause instanceof StorageException.Corrupt) {
        return "The state in "
            + directory
            + " is damaged: "
            + said
            + ". Nothing of it is served any more; what this node acknowledged stands in its log and on"
            + " the other nodes.";
      }
      boolean isFull = saysFull(said) || isOwnFull(cause);
      if (isFull || (saysBroken(said) && freeBytes(directory) < NO_ROOM_BYTES)) {
        return "No space left on device: "
            + directory
            + " has "
            + room
            + ". Free some, or move the directory to a larger disk, and start the node again. What it"
            + " acknowledged is kept.";
      }
      if (saysBroken(said)) {
        return "Input/output error: the disk of "
            + directory
            + " has failed ("
            + room
            + "). See what the system says of the device, and read the data through with heartwood"
            + " verify before the node starts again; if they are lost, remove the node and add"
            + " another.";
      }
    }
    return null;
  }

  private static boolean isOwnFull(Throwable cause) {
    return cause instanceof StorageException.Full || cause instanceof LogException.Full;
  }

  private static boolean saysFull(String message) {
    return message.contains("No space left on device")
        || message.contains("ENOSPC")
        || message.contains("Disk quota exceeded")
        || message.contains("EDQUOT");
  }

  private static boolean saysBroken(String message) {
    return message.toLowerCase(Locale.ROOT).contains("input/output error")
        || message.contains("EIO");
  }

  private static String room(Path directory) {
    try {
      FileStore store = Files.getFileStore(directory);
      return store.getUsableSpace() + " bytes free of " + store.getTotalSpace();
    } catch (IOException e) {
      return "an unknown number of bytes free (" + e.getMessage() + ")";
    }
  }

  /** What can still be written where a directory lies; very many where nobody can tell. */
  public static long freeBytes(Path directory) {
    try {
      return Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}
