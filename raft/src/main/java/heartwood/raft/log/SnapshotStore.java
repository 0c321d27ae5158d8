package heartwood.raft.log;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.SnapshotId;
import org.jspecify.annotations.Nullable;

/**
 * The state as a file that a peer can fetch in pieces, and the way back from such a file to a state
 * (Raft §7). One snapshot is on offer and one is being received at a time.
 *
 * <p>{@link #stage}, {@link #read} and {@link #receive} are called by the snapshot thread and may
 * block; {@link #install} is called by the apply thread while nothing is being applied.
 */
public interface SnapshotStore {
  /**
   * Stages a copy of the durable state and puts it on offer; the former offer is withdrawn. Durable
   * or not does not matter: after a crash it is staged anew.
   */
  SnapshotId stage();

  /** A piece of the staged file, empty at its end; null when that snapshot is not on offer. */
  byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes);

  /**
   * How much of a snapshot has been received without a gap; 0 when another one, or none, was begun.
   */
  long receivedBytes(SnapshotId snapshot);

  /** Takes the piece that begins at {@link #receivedBytes}; offset 0 begins anew. */
  void receive(SnapshotId snapshot, long offset, byte[] bytes);

  /**
   * Verifies the received file and makes it the state, atomically and durably: after a crash it is
   * the old state or the new one. Returns the configuration that the state carries.
   *
   * @throws LogException.Corrupt when the file is not what its id says; the state is as it was.
   *     After any other failure there may be no state: the node must stop
   */
  Configuration install(SnapshotId snapshot);
}
