package heartwood.server.command;

import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.ServerConfig;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The latest slow commands, as many as {@code slowlog-max-len} allows. Thread-safe; only slow
 * commands are ever kept, so one lock does.
 */
public final class SlowLog {
  private static final int MAX_ARGUMENTS = 32;
  private static final int MAX_ARGUMENT_BYTES = 128;

  /** A slow command; arguments beyond the limits are cut short, and secrets are left out. */
  record Entry(
      long id,
      long unixSeconds,
      long micros,
      List<byte[]> arguments,
      String address,
      String name) {}

  private final Clock clock;
  private final Deque<Entry> newestFirst = new ArrayDeque<>();
  private volatile long thresholdNanos;
  private volatile int maxEntries;
  private long nextId;

  public SlowLog(LiveConfig config, Clock clock) {
    this.clock = clock;
    config.onChange(this::configure);
    configure(config.current());
  }

  private void configure(ServerConfig config) {
    long micros = config.get(Directives.SLOWLOG_LOG_SLOWER_THAN);
    thresholdNanos = micros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(micros);
    maxEntries = config.get(Directives.SLOWLOG_MAX_LEN);
  }

  /** Keeps a command if it took as long as {@code slowlog-log-slower-than}. */
  void ran(CommandSpec command, Arguments args, Caller caller, long nanos) {
    if (nanos < thresholdNanos || command.has(CommandFlag.SKIP_SLOWLOG)) {
      return;
    }
    long seconds = TimeUnit.MILLISECONDS.toSeconds(clock.millis());
    List<byte[]> arguments = shortened(command, args);
    synchronized (this) {
      newestFirst.addFirst(
          new Entry(
              nextId++,
              seconds,
              TimeUnit.NANOSECONDS.toMicros(nanos),
              arguments,
              caller.address(),
              caller.name()));
      while (newestFirst.size() > maxEntries) {
        newestFirst.removeLast();
      }
    }
  }

  /** The latest entries, the newest first. */
  synchronized List<Entry> latest(int maxCount) {
    List<Entry> entries = new ArrayList<>();
    Iterator<Entry> all = newestFirst.iterator();
    while (all.hasNext() && entries.size() < maxCount) {
      entries.add(all.next());
    }
    return entries;
  }

  synchronized int count() {
    return newestFirst.size();
  }

  synchronized void clear() {
    newestFirst.clear();
  }

  /** The arguments as others may see them. */
  static List<byte[]> shortened(CommandSpec command, Arguments args) {
    List<byte[]> arguments = new ArrayList<>();
    int shown = Math.min(args.count(), MAX_ARGUMENTS);
    for (int i = 0; i < shown; i++) {
      if (i == MAX_ARGUMENTS - 1 && args.count() > MAX_ARGUMENTS) {
        arguments.add(Texts.ascii("... (" + (args.count() - i) + " more arguments)"));
      } else if (i > 0 && Secrets.isSecret(command, args, i)) {
        arguments.add(Texts.ascii("(redacted)"));
      } else if (args.length(i) > MAX_ARGUMENT_BYTES) {
        arguments.add(cut(args, i));
      } else {
        arguments.add(args.bytes(i));
      }
    }
    return arguments;
  }

  private static byte[] cut(Arguments args, int argument) {
    int rest = args.length(argument) - MAX_ARGUMENT_BYTES;
    byte[] note = Texts.ascii("... (" + rest + " more bytes)");
    byte[] text = new byte[MAX_ARGUMENT_BYTES + note.length];
    System.arraycopy(args.array(), args.offset(argument), text, 0, MAX_ARGUMENT_BYTES);
    System.arraycopy(note, 0, text, MAX_ARGUMENT_BYTES, note.length);
    return text;
  }
}
