package heartwood.tests.process;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection on which thousands of commands are under way; every reply is held against what it
 * must be. One thread sends, this one receives.
 */
final class PipelineClient implements Runnable {
  private static final Duration REPLY = Duration.ofSeconds(20);
  private static final int MAX_BURST = 4000;

  private final ClusterRig rig;
  private final String name;
  private final boolean isProxied;
  private final Random random;
  private final Session session = new Session();
  private final AtomicLong replies = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private @Nullable RawConnection connection;
  private int port;
  private int counter;
  private volatile boolean isStopped;

  PipelineClient(ClusterRig rig, String name, int port, boolean isProxied, long seed) {
    this.rig = rig;
    this.name = name;
    this.port = port;
    this.isProxied = isProxied;
    this.random = new Random(seed);
  }

  long replies() {
    return replies.get();
  }

  void stop() {
    isStopped = true;
  }

  @Override
  public void run() {
    while (!isStopped) {
      RawConnection open = connection();
      if (open != null) {
        burst(open, steps(1 + random.nextInt(MAX_BURST)));
      }
    }
    disconnect();
  }

  private List<Step> steps(int count) {
    List<Step> steps = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      steps.add(step());
    }
    return steps;
  }

  private Step step() {
    String key = name + ":" + random.nextInt(3);
    String value = "v" + counter++;
    int choice = random.nextInt(100);
    if (choice < 25) {
      return Step.set("s" + key, value);
    } else if (choice < 50) {
      return Step.get("s" + key);
    } else if (choice < 60) {
      return Step.hset("h" + key, value);
    } else if (choice < 70) {
      return Step.hgetall("h" + key);
    } else if (choice < 85) {
      return Step.incr("c" + key);
    } else if (choice < 94) {
      return Step.get("c" + key);
    } else if (choice < 96) {
      return Step.ping(value);
    } else if (choice < 98) {
      return Step.select(random.nextInt(3));
    }
    return Step.hello(2 + random.nextInt(2));
  }

  private void burst(RawConnection open, List<Step> steps) {
    Thread sender = new Thread(() -> send(open, steps), name + "-sender");
    sender.start();
    int openPort = port;
    int answered = 0;
    try {
      for (Step step : steps) {
        Reply reply = open.receive();
        answered++; // The step judges it, and must not be lost with those behind it.
        check(step, reply, answered);
        replies.incrementAndGet();
      }
    } catch (IOException e) {
      for (Step step : steps.subList(answered, steps.size())) {
        step.onLost().run(session);
      }
      port = anyPort();
      disconnect();
    }
    join(sender);
    if (port != openPort) {
      disconnect();
    }
  }

  private void check(Step step, Reply reply, int position) {
    try {
      step.onReply().accept(session, reply);
    } catch (AssertionError e) {
      throw new AssertionError(
          name + ", reply " + position + " of a burst, to " + step.words() + ": " + reply, e);
    }
    String error = RawConnection.errorOf(reply);
    if (error != null) {
      errors.incrementAndGet();
      if (error.startsWith("MOVED ")) {
        port = Integer.parseInt(error.substring(error.lastIndexOf(':') + 1));
      }
    }
  }

  private static void send(RawConnection open, List<Step> steps) {
    try {
      for (Step step : steps) {
        open.send(step.words().toArray(String[]::new));
      }
      open.flush();
    } catch (IOException e) {
      // The receiver hears of it too.
    }
  }

  private static void join(Thread sender) {
    try {
      sender.join(REPLY.toMillis());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable RawConnection connection() {
    if (connection == null) {
      try {
        connection = RawConnection.open(port, REPLY);
        session.reconnect();
      } catch (IOException e) {
        port = anyPort();
      }
    }
    return connection;
  }

  private int anyPort() {
    int node = 1 + random.nextInt(rig.size());
    return isProxied ? rig.address(node).proxyPort() : rig.address(node).redirectPort();
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  @Override
  public String toString() {
    return name + ": replies=" + replies + " errors=" + errors;
  }
}
