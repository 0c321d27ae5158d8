package heartwood.server;

import heartwood.server.net.Sockets;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a node, by what they do. Immutable; closed once.
 *
 * @param raft one loop: the core, peer connections, and the commands that peers forward
 * @param clients loops for clients; the raft loop itself where processors are few: a hand-over
 *     between threads costs more there than it saves
 * @param log blocks on the log's disk
 * @param apply runs commands
 * @param snapshot blocks on snapshot files
 */
record NodeThreads(
    EventLoopGroup raft,
    EventLoopGroup clients,
    ExecutorService log,
    ExecutorService apply,
    ExecutorService snapshot)
    implements AutoCloseable {
  private static final int STOP_SECONDS = 10;

  /**
   * @param clientLoops 0: the raft loop serves clients too
   */
  static NodeThreads start(String name, Sockets sockets, int clientLoops) {
    EventLoopGroup raft = sockets.group(name + "-raft", 1);
    return new NodeThreads(
        raft,
        clientLoops == 0 ? raft : sockets.group(name + "-clients", clientLoops),
        single(name + "-log"),
        single(name + "-apply"),
        single(name + "-snapshot"));
  }

  private static ExecutorService single(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
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
