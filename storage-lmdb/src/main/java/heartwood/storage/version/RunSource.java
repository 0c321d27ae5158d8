package heartwood.storage.version;

import heartwood.storage.history.RunWalk;
import java.nio.ByteBuffer;

/** A layer of the past: what a run has of a revision. Confined to one thread. */
final class RunSource implements RowSource {
  private final RunWalk walk;

  RunSource(RunWalk walk) {
    this.walk = walk;
  }

  @Override
  public boolean seek(byte[] key) {
    return walk.seek(key);
  }

  @Override
  public boolean seekBefore(byte[] key) {
    return walk.seekBefore(key);
  }

  @Override
  public boolean next() {
    return walk.next();
  }

  @Override
  public boolean previous() {
    return walk.previous();
  }

  @Override
  public ByteBuffer key() {
    return walk.key();
  }

  @Override
  public boolean isVisible() {
    return walk.isVisible();
  }

  @Override
  public boolean isDeletion() {
    return false;
  }

  @Override
  public long born() {
    return walk.born();
  }

  @Override
  public ByteBuffer value() {
    return walk.value();
  }

  @Override
  public void close() {
    walk.close();
  }
}
