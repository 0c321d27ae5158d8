package heartwood.storage.snapshot;

import heartwood.storage.Applied;
import heartwood.storage.Directories;
import heartwood.storage.DirectoryLock;
import heartwood.storage.StorageException;
import heartwood.storage.checked.RowWalk;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.version.VersionedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a node's state lies, and the steps that put another in its place: each leaves, when the
 * process dies in it, either the old state or the new one.
 *
 * <p>Confined to one thread at a time, but for the marks, which any thread may set.
 */
public final class StateDirectory implements AutoCloseable {
  static final String DATA_FILE = "data.mdb";

  /** Says why this state must not be used any more. */
  private static final String CONDEMNED = "CONDEMNED";

  /** Says of which state rows are damaged, and what was found. */
  private static final String DAMAGED = "DAMAGED";

  /** Says beside a snapshot's data which it is. */
  private static final String ID_FILE = "ID";

  static final String POINTER = "CURRENT";

  /** Left free on the disk by a copy: the log must go on. */
  private static final long SPARE_BYTES = 64L << 20;

  private final Path directory;
  private final LmdbOptions options;
  private final DirectoryLock lock;
  private volatile Path current;

  /** What was on offer when the directory was opened. */
  private @Nullable StagedSnapshot offered;

  /** What was being received then. */
  private @Nullable IncomingSnapshot incoming;

  private StateDirectory(Path directory, LmdbOptions options, DirectoryLock lock) {
    this.directory = directory;
    this.options = options;
    this.lock = lock;
    this.current = directory.resolve(readPointer(directory));
    if (!Files.isDirectory(current)) {
      throw new StorageException.Corrupt(current + ": missing, though " + POINTER + " names it");
    }
  }

  /**
   * Makes the directory of a new node, with an empty state: all of it durable, or nothing there.
   *
   * @throws StorageException.WrongDirectory when something is there already
   */
  public static StateDirectory create(Path directory, LmdbOptions options) {
    if (Files.exists(directory)) {
      throw new StorageException.WrongDirectory(directory + ": exists (expected: a new directory)");
    }
    Path unfinished = directory.resolveSibling(directory.getFileName() + ".new");
    Directories.delete(unfinished);
    Directories.create(unfinished.resolve("state-0"));
    writePointer(unfinished, "state-0");
    Directories.rename(unfinished, directory);
    return open(directory, options);
  }

  /**
   * Opens a directory, takes up a snapshot on offer and one that was being received, and removes
   * what else is left of interrupted steps.
   *
   * @throws StorageException.WrongDirectory when it is missing or in use
   * @throws StorageException.Condemned when the state is
   * @throws StorageException.Corrupt when its pointer leads nowhere
   */
  public static StateDirectory open(Path directory, LmdbOptions options) {
    DirectoryLock lock = DirectoryLock.acquire(directory);
    try {
      requireNotCondemned(directory);
      StateDirectory opened = new StateDirectory(directory, options, lock);
      opened.takeUpLeftovers();
      return opened;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void requireNotCondemned(Path directory) {
    Path condemned = directory.resolve(CONDEMNED);
    try {
      if (Files.exists(condemned)) {
        throw new StorageException.Condemned(Files.readString(condemned).strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on the directory is not opened any more; durable on return. */
  public void condemn(String why) {
    writeDurably(directory.resolve(CONDEMNED), why + "\n");
    Directories.sync(directory);
  }

  /**
   * Notes what was found damaged in the current state: no process serves it any more, and the next
   * one finds it here; durable on return. Another state that is put in its place is not meant.
   *
   * <pre>
   *   DAMAGED      "state-120\n" "the row under key …\n"
   * </pre>
   */
  public void markDamaged(String what) {
    writeDurably(directory.resolve(DAMAGED), current.getFileName() + "\n" + what.strip() + "\n");
    Directories.sync(directory);
  }

  /**
   * What was found damaged in the current state, now or by an earlier process; empty: nothing. The
   * state was right once, and is right elsewhere: it can be had from a peer, which one that {@link
   * #condemn} says is wrong cannot be without asking why.
   */
  public Optional<String> damage() {
    Path mark = directory.resolve(DAMAGED);
    try {
      if (!Files.exists(mark)) {
        return Optional.empty();
      }
      String[] lines = Files.readString(mark).split("\n", 2);
      boolean isOfAnother =
          lines.length == 2 && !lines[0].equals(String.valueOf(current.getFileName()));
      if (isOfAnother) {
        return Optional.empty(); // A process has died between the pointer and this.
      }
      String what = lines[lines.length - 1].strip();
      return Optional.of(what.isEmpty() ? "the state is damaged" : what);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void removeMark() {
    try {
      if (Files.deleteIfExists(directory.resolve(DAMAGED))) {
        Directories.sync(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Opens the tables of the current state.
   *
   * @throws StorageException.Corrupt when it is marked as damaged
   */
  public LmdbTables openTables() {
    damage()
        .ifPresent(
            what -> {
              throw new StorageException.Corrupt(what);
            });
    return openTablesAsTheyAre();
  }

  /** The same of a state that may be marked as damaged: to look at, not to serve. */
  public LmdbTables openTablesAsTheyAre() {
    return LmdbTables.open(current, options);
  }

  /** What was on offer when the directory was opened; null: nothing. */
  public @Nullable StagedSnapshot offered() {
    return offered;
  }

  /** What was being received when the directory was opened; null: nothing. */
  public @Nullable IncomingSnapshot incoming() {
    return incoming;
  }

  /** The directory of the current state. */
  public Path current() {
    return current;
  }

  /**
   * Copies the last checkpoint of the state, without free pages, to be offered to peers; the copy
   * may hold slices of the next one too, which are undone where it is opened. Every row of the copy
   * is checked: what is damaged here must not go to a peer. Blocks for as long as copying and
   * reading the file takes; checkpoints go on meanwhile.
   *
   * @param node that offers it
   * @throws StorageException.Full when the disk has not the room; nothing was written
   * @throws StorageException.Corrupt when a row is damaged, in this state as in the copy
   */
  public StagedSnapshot stage(LmdbTables tables, int node) {
    requireRoom(tables.usedBytes());
    Path copy = unusedName("offer-copy");
    Directories.create(copy);
    boolean staged = false;
    try {
      tables.copyTo(copy);
      Applied applied = checked(copy); // The copy itself knows best which checkpoint it is.
      Path file = copy.resolve(DATA_FILE);
      SnapshotId id =
          new SnapshotId(node, applied.index(), applied.term(), Files.size(file), sha256(file));
      writeDurably(copy.resolve(ID_FILE), id.line());
      Path offer = unusedName("offer-" + applied.index());
      Directories.rename(copy, offer);
      staged = true;
      return new StagedSnapshot(offer, id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!staged) {
        Directories.delete(copy);
      }
    }
  }

  private Applied checked(Path state) {
    try (LmdbTables tables = LmdbTables.open(state, options)) {
      Applied applied = VersionedStore.appliedOf(tables);
      RowWalk.all(
          tables,
          damage -> {
            throw damage;
          });
      return applied;
    }
  }

  private Applied appliedOf(Path state) {
    try (LmdbTables tables = LmdbTables.open(state, options)) {
      return VersionedStore.appliedOf(tables);
    }
  }

  /**
   * Begins to receive a snapshot.
   *
   * @throws StorageException.Full when the disk has not the room for it
   */
  public IncomingSnapshot receive(SnapshotId id) {
    requireRoomIfNeedBeOfTheDamaged(id.lengthBytes());
    Path path = unusedName("incoming-" + id.index());
    Directories.create(path);
    writeDurably(path.resolve(ID_FILE), id.line());
    return new IncomingSnapshot(path, id);
  }

  private void requireRoomIfNeedBeOfTheDamaged(long bytes) {
    try {
      requireRoom(bytes);
    } catch (StorageException.Full full) {
      if (!LostState.discard(directory)) {
        throw full;
      }
      requireRoom(bytes);
    }
  }

  private void requireRoom(long bytes) {
    try {
      long free = Files.getFileStore(directory).getUsableSpace();
      if (free < bytes + SPARE_BYTES) {
        throw new StorageException.Full(
            directory + ": " + free + " bytes free (expected: " + (bytes + SPARE_BYTES) + ")",
            null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks that a received snapshot is the one offered and of the index that was said, and makes
   * its file durable. The current state may be open.
   *
   * @throws StorageException.Corrupt when it is not
   */
  public void verify(IncomingSnapshot incoming) {
    incoming.verify();
    SnapshotId id = incoming.id();
    Applied applied = appliedOf(incoming.directory());
    if (applied.index() != id.index() || applied.term() != id.term()) {
      throw new StorageException.Corrupt(
          "snapshot " + id + ": applied to " + applied.index() + "/" + applied.term());
    }
  }

  /**
   * Puts a received snapshot in the place of the current state, durable on return; the old state is
   * removed. Its tables must be closed. What follows is the caller's: to open the new tables, and
   * to reset the log (see {@link LogVerdict}, which also does it at the start if the process dies
   * in between).
   *
   * @throws StorageException.Corrupt when the file is not the one offered, or says itself that it
   *     is of another index; then the old state stays
   */
  public void install(IncomingSnapshot incoming) {
    if (!incoming.isVerified()) {
      verify(incoming);
    }
    incoming.closeChannel();
    Directories.delete(incoming.directory().resolve(ID_FILE));
    Path installed = unusedName("state-" + incoming.id().index());
    Directories.rename(incoming.directory(), installed);
    writePointer(directory, String.valueOf(installed.getFileName()));
    Path old = current;
    current = installed;
    removeMark();
    Directories.delete(old);
    LostState.discard(directory);
  }

  private void takeUpLeftovers() {
    if (damage().isEmpty()) {
      removeMark(); // If there is one, of a state that was replaced.
    }
    for (Path child : Directories.list(directory)) {
      String name = String.valueOf(child.getFileName());
      boolean isOurs = name.matches("(state|offer|incoming)-.*|" + POINTER + "\\.new");
      if (isOurs && !child.equals(current) && !isTakenUp(name, child)) {
        Directories.delete(child);
      }
    }
  }

  private boolean isTakenUp(String name, Path child) {
    SnapshotId id = idOf(child);
    if (id == null) {
      return false;
    }
    try {
      Path file = child.resolve(DATA_FILE);
      long bytes = Files.exists(file) ? Files.size(file) : 0;
      if (name.matches("offer-[0-9]+.*") && offered == null && bytes == id.lengthBytes()) {
        offered = new StagedSnapshot(child, id);
        return true;
      }
      if (name.startsWith("incoming-") && incoming == null && bytes <= id.lengthBytes()) {
        incoming = new IncomingSnapshot(child, id);
        return true;
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable SnapshotId idOf(Path snapshot) {
    Path file = snapshot.resolve(ID_FILE);
    try {
      return Files.isRegularFile(file) ? SnapshotId.parse(Files.readString(file)) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path unusedName(String wanted) {
    return unusedName(directory, wanted);
  }

  static Path unusedName(Path directory, String wanted) {
    Path path = directory.resolve(wanted);
    for (int i = 2; Files.exists(path); i++) {
      path = directory.resolve(wanted + "-" + i);
    }
    return path;
  }

  static void writePointer(Path directory, String name) {
    Path next = directory.resolve(POINTER + ".new");
    writeDurably(next, name + "\n");
    Directories.rename(next, directory.resolve(POINTER));
  }

  private static void writeDurably(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Directories.sync(file);
  }

  private static String readPointer(Path directory) {
    Path pointer = directory.resolve(POINTER);
    if (!Files.exists(pointer)) {
      throw new StorageException.WrongDirectory(directory + ": holds no state");
    }
    try {
      String name = Files.readString(pointer);
      if (!name.matches("state-[0-9]+(-[0-9]+)?\n")) {
        throw new StorageException.Corrupt(pointer + ": names no state");
      }
      return name.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] sha256(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
      while (channel.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
      return digest.digest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }

  /** Gives the directory free. Tables must be closed before. */
  @Override
  public void close() {
    lock.close();
  }
}
