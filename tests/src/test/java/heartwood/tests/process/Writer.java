package heartwood.tests.process;

import heartwood.resp.Reply;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes without pause, alone or a few commands at a time, and records what it hears.
 * It follows redirects like a cluster client, or stays with one proxy until that is gone. A thread
 * of its own.
 */
final class Writer implements Runnable {
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int MAX_DEPTH = 8;

  private final ClusterRig rig;
  private final WriterCrew crew;
  private final Ledger ledger;
  private final int writer;
  private final boolean isProxied;
  private final Random random;
  private @Nullable RawConnection connection;
  private int port;

  Writer(ClusterRig rig, WriterCrew crew, Ledger ledger, int writer, long seed) {
    this.rig = rig;
    this.crew = crew;
    this.ledger = ledger;
    this.writer = writer;
    this.isProxied = writer % 2 == 1;
    this.random = new Random(seed + writer);
    this.port = anyPort();
  }

  private int anyPort() {
    int node = 0;
    do {
      node = 1 + random.nextInt(rig.size());
    } while (!rig.isMember(node));
    return isProxied ? rig.address(node).proxyPort() : rig.address(node).redirectPort();
  }

  @Override
  public void run() {
    while (!crew.isStopped()) {
      RawConnection open = connection();
      if (open != null) {
        write(open, 1 + random.nextInt(MAX_DEPTH));
      }
      LockSupport.parkNanos(REST_NANOS); // So that the nodes have some of the processors too.
    }
    disconnect();
  }

  private @Nullable RawConnection connection() {
    if (connection == null) {
      try {
        connection = RawConnection.open(port, crew.replyTimeout());
      } catch (IOException e) {
        port = anyPort();
      }
    }
    return connection;
  }

  private void write(RawConnection open, int depth) {
    int[] numbers = new int[depth];
    for (int i = 0; i < depth; i++) {
      numbers[i] = ledger.begin(writer);
      open.send(Ledger.command(writer, numbers[i]));
    }
    int openPort = port;
    int answered = 0;
    long sentNanos = System.nanoTime();
    try {
      open.flush();
      for (; answered < depth; answered++) {
        Reply reply = open.receive();
        if (ledger.record(writer, numbers[answered], reply) == Outcome.ACKNOWLEDGED) {
          crew.onAcknowledged(sentNanos);
        } else {
          follow(RawConnection.errorOf(reply));
        }
      }
    } catch (IOException e) {
      for (int i = answered; i < depth; i++) {
        ledger.recordUnknown(writer, numbers[i]);
      }
      port = anyPort();
      disconnect();
    }
    if (port != openPort) {
      disconnect();
    }
  }

  private void follow(@Nullable String error) {
    if (error != null && error.startsWith("MOVED ")) {
      port = Integer.parseInt(error.substring(error.lastIndexOf(':') + 1));
    }
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
