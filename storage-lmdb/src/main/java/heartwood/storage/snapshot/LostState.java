package heartwood.storage.snapshot;

import heartwood.storage.Applied;
import heartwood.storage.Directories;
import heartwood.storage.DirectoryLock;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.version.VersionedStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Puts a state that cannot be used aside, and in its place one that says that it is lost: a node
 * that starts from it gets another from its leader. Stateless.
 *
 * <pre>
 *   state/CURRENT            "state-120" ──► "state-0"
 *   state/state-0/           empty, applied to {@link Applied#LOST}
 *   state/damaged-state-120/ what cannot be used: kept until a snapshot is in, or needs the room
 * </pre>
 */
public final class LostState {
  private static final String PREFIX = "damaged-";

  private LostState() {}

  /** Whether there is no state where one should be. */
  public static boolean isMissing(Path directory) {
    return !Files.exists(directory.resolve(StateDirectory.POINTER));
  }

  /**
   * Makes a directory say that its state is lost, whatever else is in it; durable on return. A
   * process that dies in it leaves the old state, a pointer that leads nowhere, or the lost one.
   *
   * @throws heartwood.storage.StorageException.WrongDirectory when it is in use
   */
  public static void setAside(Path directory, LmdbOptions options, byte[] configuration) {
    Directories.create(directory);
    DirectoryLock lock = DirectoryLock.acquire(directory);
    try {
      Path lost = StateDirectory.unusedName(directory, "state-0");
      Directories.create(lost);
      try (LmdbTables tables = LmdbTables.open(lost, options)) {
        VersionedStore.initialize(tables, Applied.lost(configuration));
      }
      // The pointer last: a process that dies before leaves it leading nowhere, and the next one
      // comes here again.
      for (Path child : Directories.list(directory)) {
        String name = String.valueOf(child.getFileName());
        if (name.startsWith("state-") && !child.equals(lost)) {
          Directories.rename(child, StateDirectory.unusedName(directory, PREFIX + name));
        }
      }
      StateDirectory.writePointer(directory, String.valueOf(lost.getFileName()));
    } finally {
      lock.close();
    }
  }

  /** Removes what was set aside; false if there was nothing. */
  static boolean discard(Path directory) {
    boolean hadAny = false;
    for (Path child : Directories.list(directory)) {
      if (String.valueOf(child.getFileName()).startsWith(PREFIX)) {
        Directories.delete(child);
        hadAny = true;
      }
    }
    return hadAny;
  }
}
