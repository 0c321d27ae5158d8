package heartwood.server.net;

import heartwood.server.dispatch.LoopDispatcher;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * What the clients of one event loop share: their dispatcher, and the list of those who have
 * something to flush. Confined to the loop.
 */
final class LoopContext {
  private final EventLoop loop;
  private final LoopDispatcher dispatcher;
  private final Forwarder forwarder;
  private final List<NettyClient> unflushed = new ArrayList<>();

  LoopContext(EventLoop loop, LoopDispatcher dispatcher, Forwarder forwarder) {
    this.loop = loop;
    this.dispatcher = dispatcher;
    this.forwarder = forwarder;
  }

  EventLoop loop() {
    return loop;
  }

  LoopDispatcher dispatcher() {
    return dispatcher;
  }

  Forwarder forwarder() {
    return forwarder;
  }

  /** Remembers a client until {@link #flushAll}. To be called once per client in between. */
  void flushLater(NettyClient client) {
    unflushed.add(client);
  }

  /** Now and then: what has waited too long ends. */
  void tick() {
    dispatcher.onTick();
    forwarder.onTick();
    flushAll();
  }

  void flushAll() {
    for (int i = 0; i < unflushed.size(); i++) {
      unflushed.get(i).flush();
    }
    unflushed.clear();
  }
}
