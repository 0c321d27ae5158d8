package heartwood.tests.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * SET of 100 bytes at a steady rate, and how late the answers come, counted from when each was due
 * to be sent: a stall is not hidden by the clients that wait for it.
 *
 * <pre>
 *   SteadyBenchmark PORT [commands a second] [seconds] [keys] [seconds to warm up]
 * </pre>
 *
 * <p>What is sent to warm up is not counted: until then the compilers of nodes and client need the
 * processor.
 */
final class SteadyBenchmark {
  private static final int CONNECTIONS = 20;
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long TENTH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final String VALUE = "v".repeat(100);

  private final int port;
  private final long intervalNanos;
  private final int count;
  private final int keys;
  private final int uncounted;

  private SteadyBenchmark(int port, int perSecond, int seconds, int keys, int warmUpSeconds) {
    this.port = port;
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) * CONNECTIONS / perSecond;
    this.count = perSecond / CONNECTIONS * seconds;
    this.keys = keys;
    this.uncounted = perSecond / CONNECTIONS * warmUpSeconds;
  }

  public static void main(String[] args) throws InterruptedException {
    SteadyBenchmark benchmark =
        new SteadyBenchmark(
            Integer.parseInt(args[0]),
            args.length > 1 ? Integer.parseInt(args[1]) : 10_000,
            args.length > 2 ? Integer.parseInt(args[2]) : 120,
            args.length > 3 ? Integer.parseInt(args[3]) : 1_000_000,
            args.length > 4 ? Integer.parseInt(args[4]) : 30);
    benchmark.run();
  }

  private void run() throws InterruptedException {
    List<long[]> latencies = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long begin = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    for (int i = 0; i < CONNECTIONS; i++) {
      long[] nanos = new long[count];
      latencies.add(nanos);
      long first = begin + i * intervalNanos / CONNECTIONS;
      SplittableRandom random = new SplittableRandom(i);
      Thread thread = new Thread(() -> send(first, nanos, random), "client-" + i);
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long[] all = latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    for (double percentile : new double[] {50, 99, 99.9, 99.99, 100}) {
      int at = (int) Math.min(all.length - 1, Math.ceil(all.length * percentile / 100));
      System.out.printf(Locale.ROOT, "p%-6s %9.3f ms%n", percentile, all[at] / 1e6);
    }
    long slow = Arrays.stream(all).filter(nanos -> nanos > LATE_NANOS).count();
    System.out.printf(Locale.ROOT, "%d commands, %d later than 50 ms%n", all.length, slow);
    printStalls(latencies);
  }

  /** When answers were late: tenths of a second in a row are one stall. */
  private void printStalls(List<long[]> latencies) {
    long[] latest = new long[(int) (count * intervalNanos / TENTH_NANOS) + 1];
    for (long[] nanos : latencies) {
      for (int i = 0; i < nanos.length; i++) {
        int tenth = (int) (i * intervalNanos / TENTH_NANOS);
        latest[tenth] = Math.max(latest[tenth], nanos[i]);
      }
    }
    for (int from = 0; from < latest.length; from++) {
      long worst = 0;
      int to = from;
      for (; to < latest.length && latest[to] > LATE_NANOS; to++) {
        worst = Math.max(worst, latest[to]);
      }
      if (to > from) {
        System.out.printf(
            Locale.ROOT, "stall %.1f-%.1f s: %.0f ms%n", from / 10.0, to / 10.0, worst / 1e6);
        from = to;
      }
    }
  }

  private void send(long first, long[] nanos, SplittableRandom random) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = -uncounted; i < nanos.length; i++) {
        long due = first + (uncounted + i) * intervalNanos;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        String key = String.format(Locale.ROOT, "key:%012d", random.nextInt(keys));
        String command = "*3\r\n$3\r\nSET\r\n$16\r\n" + key + "\r\n$100\r\n" + VALUE + "\r\n";
        out.write(command.getBytes(ISO_8859_1));
        requireOk(in);
        if (i >= 0) {
          nanos[i] = System.nanoTime() - due;
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("port " + port, e);
    }
  }

  private static void requireOk(InputStream in) throws IOException {
    StringBuilder reply = new StringBuilder();
    for (int each = in.read(); each != '\n'; each = in.read()) {
      if (each < 0) {
        throw new IOException("the connection was closed");
      }
      reply.append((char) each);
    }
    if (!reply.toString().equals("+OK\r")) {
      throw new IOException("reply: " + reply);
    }
  }
}
