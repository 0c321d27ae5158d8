package heartwood.server.dispatch;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The present {@link Leadership}, for all threads; set by the raft loop. */
public final class LeadershipView {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Leadership present;

  public LeadershipView(long nowNanos) {
    present = new Leadership(false, 0, null, null, nowNanos);
  }

  public Leadership present() {
    return present;
  }

  public void set(Leadership leadership) {
    present = leadership;
    listeners.forEach(Runnable::run);
  }

  /** The listener is called on the raft loop after each change. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
