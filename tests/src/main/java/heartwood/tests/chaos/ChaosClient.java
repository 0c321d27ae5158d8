package heartwood.tests.chaos;

import heartwood.resp.Reply;
import heartwood.server.config.MemberAddress;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import heartwood.tests.process.RawConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that asks, waits, records what it heard, and goes on with another node when one does not
 * answer. Every second one stays with proxy ports, the others follow redirects; one of three sends
 * several commands at once. A thread of its own.
 */
final class ChaosClient implements Runnable {
  private static final Duration REPLY_TIMEOUT = Duration.ofMillis(2500);
  private static final int MAX_REST_MICROS = 16_000;
  private static final int MAX_DEPTH = 6;
  private static final int MAX_NOTES = 20;
  private static final int TRIPS_AT_A_NODE = 300;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final int number;
  private final Supplier<List<MemberAddress>> members;
  private final Workload workload;
  private final Recorder recorder;
  private final Random random;
  private final boolean isPipelined;
  private final boolean isProxied;
  private final ArrayDeque<Operation> notes = new ArrayDeque<>();
  private @Nullable RawConnection connection;
  private int port;
  private volatile boolean isStopped;
  private volatile long lastWriteNanos = -1;

  ChaosClient(
      int number,
      Supplier<List<MemberAddress>> members,
      Workload workload,
      Recorder recorder,
      long seed) {
    this.number = number;
    this.members = members;
    this.workload = workload;
    this.recorder = recorder;
    this.random = new Random(seed + number);
    this.isPipelined = number % 3 == 2;
    this.isProxied = number % 2 == 1;
    this.port = homePort();
  }

  private int anyPort() {
    return portOf(random.nextInt(1 << 16));
  }

  /** Clients begin with different nodes, and come back: else a fault could meet them all alike. */
  private int homePort() {
    return portOf(number);
  }

  private int portOf(int place) {
    List<MemberAddress> present = members.get();
    MemberAddress member = present.get(place % present.size());
    return isProxied ? member.proxyPort() : member.redirectPort();
  }

  void stop() {
    isStopped = true;
  }

  /** When the last write that succeeded was sent; -1: none has. */
  long lastWriteNanos() {
    return lastWriteNanos;
  }

  @Override
  public void run() {
    while (!isStopped) {
      RawConnection open = connection();
      if (open == null) {
        LockSupport.parkNanos(RETRY_NANOS);
        continue;
      }
      ask(open, draw());
      if (random.nextInt(TRIPS_AT_A_NODE) == 0) {
        disconnect();
        port = homePort();
      }
      // So that the nodes have some of the processors too.
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(MAX_REST_MICROS)));
    }
    disconnect();
  }

  private List<Request> draw() {
    if (random.nextInt(25) == 0) {
      Operation note = random.nextBoolean() ? notes.poll() : null;
      String revision = note == null ? null : note.argument();
      return List.of(
          note == null || revision == null
              ? workload.present(random)
              : Workload.past(note.key(), revision));
    }
    return workload.next(number, random, isPipelined ? 2 + random.nextInt(MAX_DEPTH - 1) : 1);
  }

  private @Nullable RawConnection connection() {
    if (connection == null) {
      try {
        connection = RawConnection.open(port, REPLY_TIMEOUT);
      } catch (IOException e) {
        port = anyPort();
      }
    }
    return connection;
  }

  private void ask(RawConnection open, List<Request> requests) {
    int openPort = port;
    int answered = 0;
    requests.forEach(request -> open.send(request.command()));
    long invokeNanos = recorder.now();
    try {
      open.flush();
      for (Request request : requests) {
        Reply reply = open.receive();
        answered++;
        Operation told = request.told(number, reply, invokeNanos, recorder.now());
        hear(told, reply);
        Operation ofNow = request.toldOfThePresent(told);
        if (ofNow != null) {
          recorder.add(ofNow);
        }
      }
    } catch (IOException e) {
      for (Request request : requests.subList(answered, requests.size())) {
        recorder.add(request.unanswered(number, invokeNanos, recorder.now()));
      }
      disconnect();
      port = anyPort();
    }
    if (port != openPort) {
      disconnect();
    }
  }

  private void hear(Operation operation, Reply reply) {
    recorder.add(operation);
    if (operation.outcome() == Outcome.OK) {
      if (operation.kind() == Kind.PAST && notes.size() < MAX_NOTES) {
        notes.add(operation);
      }
      if (!operation.kind().isRead()) {
        lastWriteNanos = operation.invokeNanos();
      }
      return;
    }
    String error = RawConnection.errorOf(reply);
    if (error != null) {
      recorder.onError(error);
      follow(error);
    }
  }

  private void follow(String error) {
    if (error.startsWith("MOVED ")) {
      port = Integer.parseInt(error.substring(error.lastIndexOf(':') + 1));
    } else if (!isProxied) {
      port = anyPort();
    }
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
