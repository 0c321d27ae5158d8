package heartwood.server.command;

import heartwood.server.command.NodeStatistics.CommandStatistics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How often each command ran here, how long it took and how it failed; slow ones go to the {@link
 * SlowLog}. Thread-safe; a call costs some tens of nanoseconds.
 */
public final class CommandMeter {
  private static final int MAX_ID = 1 << 16;

  /** Bucket b counts the calls that took up to {@code 2^b} microseconds. */
  private static final int BUCKETS = 32;

  private static final double[] PERCENTILES = {0.5, 0.99, 0.999};

  private final @Nullable Meter[] meters = new Meter[MAX_ID];
  private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

  private static final class Meter {
    final String name;
    final LongAdder calls = new LongAdder();
    final LongAdder nanos = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder failed = new LongAdder();
    final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);

    Meter(String name) {
      this.name = name;
    }
  }

  private final SlowLog slowLog;

  public CommandMeter(SlowLog slowLog) {
    this.slowLog = slowLog;
  }

  /**
   * A command ran.
   *
   * @param error the code word of the error that it answered, see {@link #errorWord}
   */
  public void ran(
      CommandSpec command, Arguments args, Caller caller, long nanos, @Nullable String error) {
    Meter meter = meter(command);
    meter.calls.increment();
    meter.nanos.add(nanos);
    meter.buckets.incrementAndGet(bucket(nanos / 1000));
    if (error != null) {
      meter.failed.increment();
      count(error);
    }
    slowLog.ran(command, args, caller, nanos);
    AuditLog.ran(command, args, caller, error);
  }

  /** The first word of a reply that is an error; null if it is something else. */
  public static @Nullable String errorWord(byte[] bytes, int offset, int end) {
    if (offset == end || bytes[offset] != '-') {
      return null;
    }
    int wordEnd = offset + 1;
    while (wordEnd < end && bytes[wordEnd] != ' ' && bytes[wordEnd] != '\r') {
      wordEnd++;
    }
    return new String(bytes, offset + 1, wordEnd - offset - 1, StandardCharsets.ISO_8859_1);
  }

  /** The command was refused before it ran. */
  public void rejected(CommandSpec command) {
    meter(command).rejected.increment();
  }

  /** An error was answered that no command made; its first word counts. */
  public void error(String message) {
    int space = message.indexOf(' ');
    count(space < 0 ? message : message.substring(0, space));
  }

  private void count(String word) {
    errors.computeIfAbsent(word, key -> new LongAdder()).increment();
  }

  public List<CommandStatistics> statistics() {
    List<CommandStatistics> all = new ArrayList<>();
    for (Meter meter : meters) {
      if (meter != null && meter.calls.sum() + meter.rejected.sum() > 0) {
        all.add(statistics(meter));
      }
    }
    return all;
  }

  public Map<String, Long> errors() {
    Map<String, Long> counts = new TreeMap<>();
    errors.forEach((word, count) -> counts.put(word, count.sum()));
    return counts;
  }

  public void reset() {
    java.util.Arrays.fill(meters, null);
    errors.clear();
  }

  private static CommandStatistics statistics(Meter meter) {
    long[] upTo = new long[BUCKETS];
    long sum = 0;
    Map<Long, Long> callsUpToMicros = new TreeMap<>();
    for (int i = 0; i < BUCKETS; i++) {
      sum += meter.buckets.get(i);
      upTo[i] = sum;
      if (sum > 0 && (i == 0 || upTo[i - 1] < sum)) {
        callsUpToMicros.put(1L << i, sum);
      }
    }
    double[] percentiles = new double[PERCENTILES.length];
    for (int i = 0; i < PERCENTILES.length; i++) {
      int bucket = 0;
      while (bucket < BUCKETS - 1 && upTo[bucket] < sum * PERCENTILES[i]) {
        bucket++;
      }
      percentiles[i] = 1L << bucket;
    }
    return new CommandStatistics(
        meter.name,
        meter.calls.sum(),
        meter.nanos.sum() / 1000,
        meter.rejected.sum(),
        meter.failed.sum(),
        percentiles,
        callsUpToMicros);
  }

  private static int bucket(long micros) {
    return micros <= 1 ? 0 : Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(micros - 1));
  }

  private Meter meter(CommandSpec command) {
    Meter meter = meters[command.id()];
    if (meter == null) {
      synchronized (this) {
        meter = meters[command.id()];
        if (meter == null) {
          meter = new Meter(command.name());
          meters[command.id()] = meter;
        }
      }
    }
    return meter;
  }
}
