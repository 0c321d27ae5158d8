package heartwood.tests.chaos;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection through the proxy: what has come and not gone on. Order is kept, as
 * TCP keeps it, whatever the delays are. Confined to the proxy's loop.
 */
final class Flow {
  /** More than that is not read: the sender's socket waits, as if nobody acknowledged. */
  private static final long MAX_HELD_BYTES = 4L << 20;

  private record Chunk(ByteBuf bytes, long dueNanos) {}

  private final Supplier<Link> link;
  private final Random random;
  private final Channel source;
  private final ArrayDeque<Chunk> held = new ArrayDeque<>();
  private @Nullable Channel target;
  private long heldBytes;
  private boolean isEnded;
  private boolean isAwaitingTime;

  Flow(Supplier<Link> link, Random random, Channel source) {
    this.link = link;
    this.random = random;
    this.source = source;
  }

  /** From now on there is somewhere to go. */
  void connect(Channel connected) {
    target = connected;
    pass();
  }

  long heldBytes() {
    return heldBytes;
  }

  /** Takes what was read. */
  void onBytes(ByteBuf bytes) {
    if (isEnded) {
      bytes.release();
      return;
    }
    long delayNanos = link.get().drawDelayNanos(random);
    held.add(new Chunk(bytes, System.nanoTime() + delayNanos));
    heldBytes += bytes.readableBytes();
    if (heldBytes > MAX_HELD_BYTES) {
      source.config().setAutoRead(false);
    }
    pass();
  }

  /** The sender has closed; the receiver learns it after all that was sent. */
  void onEnd() {
    isEnded = true;
    pass();
  }

  /** Lets go what may go now. */
  void pass() {
    Channel to = target;
    if (to == null) {
      return;
    }
    Link present = link.get();
    boolean isWritten = false;
    while (!held.isEmpty() && present.isOpen() && to.isWritable()) {
      long waitNanos = held.element().dueNanos - System.nanoTime();
      if (present.maxMillis() > 0 && waitNanos > 0) {
        passLater(waitNanos);
        break;
      }
      ByteBuf bytes = held.remove().bytes;
      heldBytes -= bytes.readableBytes();
      to.write(bytes, to.voidPromise());
      isWritten = true;
    }
    if (isWritten) {
      to.flush();
    }
    if (heldBytes <= MAX_HELD_BYTES && !source.config().isAutoRead()) {
      source.config().setAutoRead(true);
    }
    if (isEnded && held.isEmpty() && present.isOpen()) {
      to.write(to.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
      to.flush();
    }
  }

  private void passLater(long nanos) {
    if (!isAwaitingTime) {
      isAwaitingTime = true;
      source
          .eventLoop()
          .schedule(
              () -> {
                isAwaitingTime = false;
                pass();
              },
              nanos,
              TimeUnit.NANOSECONDS);
    }
  }

  /** Forgets what it holds. */
  void drop() {
    held.forEach(chunk -> ReferenceCountUtil.release(chunk.bytes));
    held.clear();
    heldBytes = 0;
    isEnded = true;
  }
}
