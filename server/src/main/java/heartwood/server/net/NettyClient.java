package heartwood.server.net;

import heartwood.server.dispatch.DispatchedClient;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A client that replies are delivered to, near or through a peer. Confined to its event loop, but
 * for {@link #deferred}.
 */
abstract class NettyClient extends DispatchedClient {
  /**
   * Replies that are still being made elsewhere, each with what waits behind it; null while there
   * are none. The apply thread's.
   */
  @Nullable Deque<Outboxes.Outbox> deferred;

  /** What the client shares with all others of its loop. */
  abstract LoopContext context();

  /** Takes replies to the next {@code count} unanswered operations. */
  final void deliver(byte[] bytes, int offset, int length, int count) {
    onAnswered(count);
    if (!takesAnswer(bytes, offset, length)) {
      send(bytes, offset, length, count);
    }
    onDelivered();
  }

  @Override
  public final void write(byte[] bytes, int offset, int length) {
    send(bytes, offset, length, 1);
  }

  /** Sends replies to {@code count} operations; they leave with the next {@link #flush}. */
  abstract void send(byte[] bytes, int offset, int length, int count);

  abstract void flush();

  /** Something was answered: what was held because of it may go on. */
  abstract void onDelivered();
}
