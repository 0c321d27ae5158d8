package heartwood.server.replication;

import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.SnapshotId;
import org.jspecify.annotations.Nullable;

/** Development only. */
public final class KeyspaceSnapshot implements SnapshotStore {
  @Override
  public SnapshotId stage() {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes) {
    return null;
  }

  @Override
  public long receivedBytes(SnapshotId snapshot) {
    return 0;
  }

  @Override
  public void receive(SnapshotId snapshot, long offset, byte[] bytes) {}

  @Override
  public Configuration install(SnapshotId snapshot) {
    throw new UnsupportedOperationException();
  }
}
