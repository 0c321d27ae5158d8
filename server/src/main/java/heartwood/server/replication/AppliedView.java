package heartwood.server.replication;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** How far this node's state has come, for all threads; set by the apply thread. */
public final class AppliedView {
  /** The last revision applied, and the stamp of its entry. Neither ever goes down. */
  public record Point(long revision, long stampMillis) {}

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Point present = new Point(0, 0);

  public Point present() {
    return present;
  }

  void set(long revision, long stampMillis) {
    present = new Point(revision, stampMillis);
    listeners.forEach(Runnable::run);
  }

  /** The listener is called on the apply thread after each entry. */
  public void onProgress(Runnable listener) {
    listeners.add(listener);
  }
}
