package heartwood.storage;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Whose turn it is to write. A thread that asks for a second turn would wait for itself forever,
 * and is told so instead.
 *
 * <p>Thread-safe.
 */
public final class WriterTurn {
  private final ReentrantLock lock = new ReentrantLock();

  /** Blocks until no other thread writes. Ends with {@link #end()}, on the same thread. */
  public void begin() {
    requireNotMine();
    lock.lock();
  }

  public void requireNotMine() {
    if (lock.isHeldByCurrentThread()) {
      throw new IllegalStateException("this thread has a writer open already");
    }
  }

  public void end() {
    lock.unlock();
  }
}
