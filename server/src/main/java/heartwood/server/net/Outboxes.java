package heartwood.server.net;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.CommandMeter;
import heartwood.server.replication.Client;
import heartwood.server.replication.DeferredReply;
import heartwood.server.replication.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Replies on their way from the apply thread to the event loops: one outbox per loop and batch, so
 * that a batch wakes each loop once, however many clients it answers. A reply that is deferred has
 * an outbox of its own, and what its client is answered later another, which leave when they are
 * the client's first. Confined to the apply thread; a flushed outbox belongs to its loop until it
 * is empty, and is used again.
 */
public final class Outboxes implements Replies {
  /** An outbox that has grown beyond this leaves before the batch is done. */
  private static final int MAX_BYTES = 1 << 20;

  private final ConcurrentLinkedQueue<Outbox> spare = new ConcurrentLinkedQueue<>();
  private final List<Outbox> open = new ArrayList<>();
  private @Nullable Outbox current;
  private @Nullable NettyClient client;
  private int start;

  @Override
  public ReplySink begin(Client to, RespVersion version) {
    dropUnended();
    NettyClient receiver = (NettyClient) to;
    Outbox outbox = outbox(receiver);
    current = outbox;
    client = receiver;
    start = outbox.bytes.writerIndex();
    outbox.sink.version(version);
    return outbox.sink;
  }

  @Override
  public @Nullable String error() {
    ByteBuf bytes = requireBegun().bytes;
    return CommandMeter.errorWord(bytes.array(), start, bytes.writerIndex());
  }

  @Override
  public void end() {
    Outbox outbox = requireBegun();
    NettyClient receiver = client;
    if (receiver != null) {
      outbox.add(receiver, outbox.bytes.writerIndex());
    }
    current = null;
    client = null;
    if (outbox.bytes.writerIndex() > MAX_BYTES && open.remove(outbox)) {
      outbox.send();
    }
  }

  @Override
  public void cancel() {
    requireBegun().bytes.writerIndex(start);
    current = null;
    client = null;
  }

  @Override
  public void none(Client to) {
    dropUnended();
    NettyClient receiver = (NettyClient) to;
    Outbox outbox = outbox(receiver);
    outbox.add(receiver, outbox.bytes.writerIndex());
  }

  @Override
  public void ready(Client to, byte[] bytes, int offset, int length) {
    dropUnended();
    NettyClient receiver = (NettyClient) to;
    Outbox outbox = outbox(receiver);
    outbox.bytes.writeBytes(bytes, offset, length);
    outbox.add(receiver, outbox.bytes.writerIndex());
  }

  @Override
  public DeferredReply defer(Client to, RespVersion version) {
    NettyClient receiver = (NettyClient) to;
    Outbox outbox = empty(receiver.context());
    outbox.sink.version(version);
    outbox.isUnfinished = true;
    outbox.add(receiver, 0);
    if (receiver.deferred == null) {
      receiver.deferred = new ArrayDeque<>();
    }
    receiver.deferred.addLast(outbox);
    return outbox;
  }

  @Override
  public void end(DeferredReply reply) {
    flush(); // What was answered before goes before.
    Outbox ended = (Outbox) reply;
    ended.isUnfinished = false;
    ended.ends[0] = ended.bytes.writerIndex();
    NettyClient receiver = ended.clients[0];
    Deque<Outbox> deferred = Objects.requireNonNull(receiver.deferred);
    while (!deferred.isEmpty() && !deferred.getFirst().isUnfinished) {
      deferred.removeFirst().send();
    }
    if (deferred.isEmpty()) {
      receiver.deferred = null;
    }
  }

  @Override
  public void flush() {
    dropUnended();
    for (int i = 0; i < open.size(); i++) {
      open.get(i).send();
    }
    open.clear();
  }

  /** Who was to end it has failed: its bytes would become the beginning of another's reply. */
  private void dropUnended() {
    if (current != null) {
      cancel();
    }
  }

  private Outbox requireBegun() {
    Outbox outbox = current;
    if (outbox == null) {
      throw new IllegalStateException("no reply was begun");
    }
    return outbox;
  }

  private Outbox outbox(NettyClient receiver) {
    Deque<Outbox> deferred = receiver.deferred;
    if (deferred == null) {
      return outbox(receiver.context());
    }
    if (deferred.getLast().isUnfinished) {
      deferred.addLast(empty(receiver.context()));
    }
    return deferred.getLast();
  }

  private Outbox outbox(LoopContext context) {
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).context == context) {
        return open.get(i);
      }
    }
    Outbox outbox = empty(context);
    open.add(outbox);
    return outbox;
  }

  private Outbox empty(LoopContext context) {
    Outbox outbox = spare.poll();
    if (outbox == null) {
      outbox = new Outbox(spare);
    }
    outbox.context = context;
    return outbox;
  }

  /** Replies to clients of one loop, as runs: a client, and up to where its bytes go. */
  static final class Outbox implements Runnable, DeferredReply {
    private static final int INITIAL_BYTES = 16 * 1024;

    private final ConcurrentLinkedQueue<Outbox> home;
    private final ByteBuf bytes = Unpooled.buffer(INITIAL_BYTES);
    private final ByteBufReplySink sink = new ByteBufReplySink(bytes, RespVersion.RESP2);
    private @Nullable LoopContext context;
    private NettyClient[] clients = new NettyClient[64];
    private int[] ends = new int[64];
    private int[] operations = new int[64];
    private int runs;

    /** Its one reply is still being made, on another thread. */
    private boolean isUnfinished;

    Outbox(ConcurrentLinkedQueue<Outbox> home) {
      this.home = home;
    }

    @Override
    public ReplySink sink() {
      return sink;
    }

    @Override
    public @Nullable String error() {
      return CommandMeter.errorWord(bytes.array(), 0, bytes.writerIndex());
    }

    @Override
    public void clear() {
      bytes.clear();
    }

    void add(NettyClient client, int end) {
      if (runs > 0 && clients[runs - 1] == client) {
        ends[runs - 1] = end;
        operations[runs - 1]++;
        return;
      }
      if (runs == clients.length) {
        clients = Arrays.copyOf(clients, runs * 2);
        ends = Arrays.copyOf(ends, runs * 2);
        operations = Arrays.copyOf(operations, runs * 2);
      }
      clients[runs] = client;
      ends[runs] = end;
      operations[runs] = 1;
      runs++;
    }

    void send() {
      LoopContext receiver = context;
      if (receiver != null
          && !receiver.loop().isShuttingDown()) { // Else nobody is there to be told.
        receiver.loop().execute(this);
      }
    }

    /** On the event loop. */
    @Override
    public void run() {
      LoopContext receiver = context;
      int from = 0;
      for (int i = 0; i < runs; i++) {
        clients[i].deliver(bytes.array(), from, ends[i] - from, operations[i]);
        from = ends[i];
      }
      if (receiver != null) {
        receiver.flushAll();
      }
      Arrays.fill(clients, 0, runs, null);
      runs = 0;
      context = null;
      bytes.clear();
      if (bytes.capacity() <= 2 * MAX_BYTES) {
        home.offer(this);
      }
    }
  }
}
