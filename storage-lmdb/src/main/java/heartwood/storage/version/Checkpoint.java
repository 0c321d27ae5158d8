package heartwood.storage.version;

import heartwood.storage.Applied;

/**
 * A sealed overlay on its way into the tables, with the point of the log that it reaches. Made by
 * the apply thread, written by the checkpoint thread: {@link CheckpointWriter}.
 */
final class Checkpoint {
  private final Overlay overlay;
  private final Applied applied;
  private final HistoryMark history;
  private volatile boolean isWritten;

  Checkpoint(Overlay overlay, Applied applied, HistoryMark history) {
    this.overlay = overlay;
    this.applied = applied;
    this.history = history;
  }

  Overlay overlay() {
    return overlay;
  }

  Applied applied() {
    return applied;
  }

  HistoryMark history() {
    return history;
  }

  boolean isWritten() {
    return isWritten;
  }

  /** Lets the apply thread read the rows from the tables. */
  void markWritten() {
    isWritten = true;
  }
}
