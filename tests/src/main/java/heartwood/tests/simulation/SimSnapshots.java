package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A node's snapshot on offer, and the one that it receives, as bytes. Confined to the run. */
final class SimSnapshots {
  private final NodeId node;
  private @Nullable SnapshotId offered;
  private byte[] offeredBytes = new byte[0];
  private @Nullable SnapshotId receiving;
  private ByteArrayOutputStream received = new ByteArrayOutputStream();

  SimSnapshots(NodeId node) {
    this.node = node;
  }

  SnapshotId offer(long index, long term, byte[] bytes) {
    SnapshotId id = new SnapshotId(node, index, term, bytes.length, Arrays.hashCode(bytes));
    offered = id;
    offeredBytes = bytes;
    return id;
  }

  @Nullable SnapshotId offered() {
    return offered;
  }

  @Nullable SnapshotId receiving() {
    return receiving;
  }

  void withdraw() {
    offered = null;
  }

  void discardReceived() {
    receiving = null;
  }

  byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes) {
    if (!snapshot.equals(offered)) {
      return null;
    }
    int from = (int) Math.min(offset, offeredBytes.length);
    return Arrays.copyOfRange(offeredBytes, from, Math.min(from + maxBytes, offeredBytes.length));
  }

  long receivedBytes(SnapshotId snapshot) {
    return snapshot.equals(receiving) ? received.size() : 0;
  }

  void receive(SnapshotId snapshot, long offset, byte[] bytes) {
    if (offset == 0) {
      receiving = snapshot;
      received = new ByteArrayOutputStream();
    }
    require(offset == receivedBytes(snapshot), () -> node + " receives without a gap");
    received.writeBytes(bytes);
  }

  /** What was received, which is what was sent. */
  byte[] take(SnapshotId snapshot) {
    byte[] bytes = received.toByteArray();
    require(snapshot.equals(receiving), () -> node + " installs what it has received");
    require(Arrays.hashCode(bytes) == snapshot.digest(), () -> node + " received what was sent");
    receiving = null;
    return bytes;
  }

  /** The process has died: each of the two may be there for the next one, or not. */
  void die(SimRandom random) {
    if (random.chance(0.5)) {
      offered = null;
    }
    if (random.chance(0.5)) {
      receiving = null;
    }
  }
}
