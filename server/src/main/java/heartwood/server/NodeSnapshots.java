package heartwood.server;

import heartwood.raft.log.LogException;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.storage.StorageException;
import heartwood.storage.snapshot.IncomingSnapshot;
import heartwood.storage.snapshot.StagedSnapshot;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots as Raft moves them, over the files of the state. Thread-safe.
 *
 * <p>A snapshot's digest is the first 64 bits of the file's SHA-256.
 */
final class NodeSnapshots implements SnapshotStore {
  private final NodeId self;
  private final StateFiles files;
  private final Runnable beforeReplaced;
  private final Consumer<VersionedStore> onReplaced;
  private final Consumer<Throwable> onDamage;
  private @Nullable StagedSnapshot staged;
  private @Nullable SnapshotId stagedId;
  private @Nullable IncomingSnapshot incoming;
  private @Nullable SnapshotId incomingId;

  /**
   * @param beforeReplaced lets go of the present state; called on the apply thread
   * @param onReplaced takes the new state; called on the apply thread
   * @param onDamage hears what was found damaged in the state when it was staged
   */
  NodeSnapshots(
      NodeId self,
      StateFiles files,
      Runnable beforeReplaced,
      Consumer<VersionedStore> onReplaced,
      Consumer<Throwable> onDamage) {
    this.self = self;
    this.files = files;
    this.beforeReplaced = beforeReplaced;
    this.onReplaced = onReplaced;
    this.onDamage = onDamage;
    this.staged = files.offered();
    this.stagedId = staged == null ? null : idOf(staged.id());
    this.incoming = files.incoming();
    this.incomingId = incoming == null ? null : idOf(incoming.id());
  }

  private static SnapshotId idOf(heartwood.storage.snapshot.SnapshotId id) {
    return new SnapshotId(
        new NodeId(id.node()),
        id.index(),
        id.term(),
        id.lengthBytes(),
        ByteBuffer.wrap(id.sha256()).getLong());
  }

  @Override
  public synchronized @Nullable SnapshotId offered() {
    return stagedId;
  }

  @Override
  public synchronized @Nullable SnapshotId receiving() {
    return incomingId;
  }

  @Override
  public synchronized SnapshotId stage() {
    withdraw();
    StagedSnapshot copy = checkedCopy();
    SnapshotId id = idOf(copy.id());
    staged = copy;
    stagedId = id;
    return id;
  }

  private StagedSnapshot checkedCopy() {
    try {
      return files.stage(self.number());
    } catch (StorageException.Corrupt damage) {
      onDamage.accept(damage);
      throw damage;
    }
  }

  @Override
  public synchronized boolean checkOffered() {
    StagedSnapshot offer = staged;
    if (offer != null && offer.isSound()) {
      return true;
    }
    withdraw();
    return false;
  }

  @Override
  public synchronized void discardReceived() {
    giveUp();
  }

  @Override
  public synchronized void withdraw() {
    StagedSnapshot former = staged;
    staged = null;
    stagedId = null;
    if (former != null) {
      former.close();
    }
  }

  @Override
  public synchronized byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes) {
    StagedSnapshot offer = staged;
    if (offer == null || !snapshot.equals(stagedId)) {
      return null;
    }
    ByteBuffer chunk = ByteBuffer.allocate(maxBytes);
    int length = offer.read(offset, chunk);
    return length == maxBytes ? chunk.array() : Arrays.copyOf(chunk.array(), length);
  }

  @Override
  public synchronized long receivedBytes(SnapshotId snapshot) {
    IncomingSnapshot present = incoming;
    return present == null || !snapshot.equals(incomingId) ? 0 : present.receivedBytes();
  }

  @Override
  public synchronized void receive(SnapshotId snapshot, long offset, byte[] bytes) {
    IncomingSnapshot present = incoming;
    if (offset == 0 || present == null) {
      giveUp();
      present =
          files.receive(
              new heartwood.storage.snapshot.SnapshotId(
                  snapshot.node().number(),
                  snapshot.lastIncludedIndex(),
                  snapshot.lastIncludedTerm(),
                  snapshot.byteCount(),
                  ByteBuffer.allocate(8).putLong(snapshot.digest()).array()));
      incoming = present;
      incomingId = snapshot;
    }
    present.write(offset, ByteBuffer.wrap(bytes));
  }

  private void giveUp() {
    IncomingSnapshot former = incoming;
    incoming = null;
    incomingId = null;
    if (former != null) {
      former.close();
    }
  }

  @Override
  public synchronized Configuration install(SnapshotId snapshot) {
    IncomingSnapshot received = incoming;
    if (received == null || !snapshot.equals(incomingId)) {
      throw new LogException("snapshot " + snapshot + " was not received");
    }
    incoming = null;
    incomingId = null;
    try (received) {
      verify(received);
      beforeReplaced.run();
      VersionedStore store = files.replace(received);
      onReplaced.accept(store);
      return ConfigurationCodec.decode(store.applied().configuration());
    }
  }

  private void verify(IncomingSnapshot received) {
    try {
      files.verify(received);
    } catch (StorageException.Corrupt e) {
      throw new LogException.Corrupt(e.getMessage() == null ? "snapshot" : e.getMessage());
    }
  }
}
