package heartwood.storage.lmdb;

import heartwood.storage.DirectoryLock;
import heartwood.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.lmdbjava.CopyFlags;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException;
import org.lmdbjava.Txn;

/**
 * One LMDB environment, locked against a second process, and closed only when nobody is inside: a
 * call on a closed environment would be a crash of the process, not an exception.
 *
 * <p>Thread-safe.
 */
final class LmdbEnvironment implements AutoCloseable {
  private static final int MAX_TABLES = 256;
  private static final int ENOSPC = 28;

  /** Held for reading during short visits; for writing by {@link #close()}. */
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

  private final Path directory;
  private final DirectoryLock lock;
  private final Env<ByteBuffer> env;
  private boolean isClosed;

  private LmdbEnvironment(Path directory, DirectoryLock lock, Env<ByteBuffer> env) {
    this.directory = directory;
    this.lock = lock;
    this.env = env;
  }

  /** Opens the environment of an existing directory; LMDB makes the files of an empty one. */
  static LmdbEnvironment open(Path directory, LmdbOptions options) {
    DirectoryLock lock = DirectoryLock.acquire(directory);
    boolean opened = false;
    try {
      List<EnvFlags> flags = new ArrayList<>(List.of(EnvFlags.MDB_NOTLS));
      if (!options.readAhead()) {
        flags.add(EnvFlags.MDB_NORDAHEAD);
      }
      Env<ByteBuffer> env =
          Env.create()
              .setMapSize(options.mapSizeBytes())
              .setMaxDbs(MAX_TABLES)
              .setMaxReaders(options.maxReaders())
              .open(directory.toFile(), flags.toArray(new EnvFlags[0]));
      opened = true;
      return new LmdbEnvironment(directory, lock, env);
    } catch (LmdbException e) {
      throw translated(e, "open " + directory);
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  Env<ByteBuffer> env() {
    return env;
  }

  Path directory() {
    return directory;
  }

  /** Opens a table, creates it when it is missing. At start only: needs the write transaction. */
  Dbi<ByteBuffer> table(String name) {
    return env.openDbi(name, DbiFlags.MDB_CREATE);
  }

  List<String> tableNames() {
    List<String> names = new ArrayList<>();
    env.getDbiNames().forEach(name -> names.add(new String(name, StandardCharsets.UTF_8)));
    return names;
  }

  /** Copies the last commit, without free pages, into an empty directory. */
  void copyTo(Path emptyDirectory) {
    enter();
    try {
      env.copy(emptyDirectory.toFile(), CopyFlags.MDB_CP_COMPACT);
    } catch (LmdbException e) {
      throw translated(e, "copy " + directory);
    } finally {
      leave();
    }
  }

  /**
   * Bytes of the file that hold or held something: what a copy needs at most; 0 once it is being
   * closed. Waits for nothing.
   */
  long usedBytes() {
    if (!gate.readLock().tryLock()) {
      return 0;
    }
    try {
      if (isClosed) {
        return 0;
      }
      return (env.info().lastPageNumber + 1) * env.stat().pageSize;
    } finally {
      leave();
    }
  }

  /** Begins a visit during which the environment stays open. Ends with {@link #leave()}. */
  void enter() {
    gate.readLock().lock();
    if (isClosed) {
      gate.readLock().unlock();
      throw new IllegalStateException(directory + ": closed");
    }
  }

  void leave() {
    gate.readLock().unlock();
  }

  Txn<ByteBuffer> readTxn() {
    return env.txnRead();
  }

  static StorageException translated(LmdbException e, String what) {
    if (isFull(e)) {
      return new StorageException.Full(what + ": no room: " + e.getMessage(), e);
    }
    if (e instanceof LmdbNativeException.PageCorruptedException
        || e instanceof LmdbNativeException.PageNotFoundException
        || e instanceof LmdbNativeException.PanicException
        || e instanceof Env.FileInvalidException) {
      return new StorageException.Corrupt(what + ": " + e.getMessage());
    }
    return new StorageException(what + ": " + e.getMessage(), e);
  }

  static boolean isFull(Throwable e) {
    return e instanceof Env.MapFullException
        || (e instanceof LmdbNativeException failure && failure.getResultCode() == ENOSPC);
  }

  @Override
  public void close() {
    closeAfter(() -> {});
  }

  /** Waits until nobody is inside, does what must be done last, and closes. */
  void closeAfter(Runnable lastAct) {
    gate.writeLock().lock();
    try {
      if (!isClosed) {
        isClosed = true;
        lastAct.run();
        env.close();
        lock.close();
      }
    } finally {
      gate.writeLock().unlock();
    }
  }
}
