package heartwood.server;

import heartwood.server.net.Sockets;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The threads of a node, by what they do. Immutable; closed once.
 *
 * @param raft one loop: the core, peer connections, and the commands that peers forward
 * @param clients loops for clients; the raft loop itself where processors are few: a hand-over
 *     between threads costs more there than it saves
 * @param log blocks on the log's disk
 * @param apply runs commands, until one of its tasks fails
 * @param snapshot blocks on snapshot files
 * @param readers run reads that would hold the apply thread up
 */
record NodeThreads(
    EventLoopGroup raft,
    EventLoopGroup clients,
    ExecutorService log,
    ExecutorService apply,
    ExecutorService snapshot,
    ExecutorService readers)
    implements AutoCloseable {
  private static final int STOP_SECONDS = 10;

  /** Two, so that one that takes long does not hold up all others. */
  private static final int READERS = 2;

  /**
   * @param clientLoops 0: the raft loop serves clients too
   * @param onApplyFailure hears, on the apply thread, of what must stop the node
   */
  static NodeThreads start(
      String name, Sockets sockets, int clientLoops, Consumer<Throwable> onApplyFailure) {
    EventLoopGroup raft = sockets.group(name + "-raft", 1);
    return new NodeThreads(
        raft,
        clientLoops == 0 ? raft : sockets.group(name + "-clients", clientLoops),
        single(name + "-log"),
        new FailStopThread(task -> daemon(task, name + "-apply"), onApplyFailure),
        single(name + "-snapshot"),
        Executors.newFixedThreadPool(READERS, task -> daemon(task, name + "-reader")));
  }

  private static ExecutorService single(String name) {
    return Executors.newSingleThreadExecutor(task -> daemon(task, name));
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** The apply thread. Once it has ended it takes nothing: a reader may finish after that. */
  Executor applying() {
    return task -> {
      try {
        apply.execute(task);
      } catch (RejectedExecutionException e) {
        if (!apply.isShutdown()) {
          throw e;
        }
      }
    };
  }

  /** The raft loop. Once it has ended it takes nothing: the log may finish a write after that. */
  Executor raftLoop() {
    EventLoop loop = raft.next();
    return task -> {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException e) {
        if (!loop.isShuttingDown()) {
          throw e;
        }
      }
    };
  }

  /** All but the readers: those are asked to end when nobody hands them anything any more. */
  @Override
  public void close() {
    raft.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    clients.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    for (ExecutorService executor : new ExecutorService[] {log, apply, snapshot}) {
      executor.shutdown();
    }
    for (ExecutorService executor : new ExecutorService[] {log, apply, snapshot}) {
      awaitEnd(executor);
    }
  }

  /** The readers, which have nothing left to read. */
  void closeReaders() {
    readers.shutdown();
    awaitEnd(readers);
  }

  private static void awaitEnd(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
