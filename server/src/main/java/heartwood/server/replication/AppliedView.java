package heartwood.server.replication;

import heartwood.server.keyspace.Keyspace;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** How far this node's state has come, for all threads; set by the apply thread. */
public final class AppliedView {
  /** The last revision applied, and the stamp of its entry. Neither ever goes down. */
  public record Point(long revision, long stampMillis) {}

  private static final long UNBORN = -1;

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Point present = new Point(0, 0);
  private volatile long incarnation = UNBORN;

  public Point present() {
    return present;
  }

  /** Of the cluster whose state this is: {@link Keyspace#incarnation}; -1 until it is born. */
  public long incarnation() {
    return incarnation;
  }

  void setIncarnation(long ofState) {
    incarnation = ofState;
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
