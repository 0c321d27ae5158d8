package heartwood.raft.log;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.SnapshotId;
import org.jspecify.annotations.Nullable;

/**
 * The state as a file that a peer can fetch in pieces, and the way back from such a file to a state
 * (Raft §7). One snapshot is on offer and one is being received at a time; both outlive the
 * process, as far as they came.
 *
 * <p>{@link #stage}, {@link #read} and {@link #receive} are called by the snapshot thread and may
 * block; {@link #install} is called by the apply thread while nothing is being applied.
 */
public interface SnapshotStore {
  /**
   * Stages a copy of the durable state and puts it on offer; the former offer is withdrawn. A crash
   * of the machine may damage it; who has pulled it finds out.
   */
  SnapshotId stage();

  /** What is on offer, be it from before this process began; null: nothing. Any thread. */
  @Nullable SnapshotId offered();

  /** What is being received, be it from before this process began; null: nothing. Any thread. */
  @Nullable SnapshotId receiving();

  /** A piece of the staged file, empty at its end; null when that snapshot is not on offer. */
  byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes);

  /**
   * Whether what is on offer is still what its id says, for a disk may have lost some of it since
   * it was staged; withdraws it if not. Reads the whole file.
   */
  boolean checkOffered();

  /** Takes back what is on offer, and frees its room. */
  void withdraw();

  /** Gives up what was received and is not installed, and frees its room. */
  void discardReceived();

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
