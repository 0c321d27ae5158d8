package heartwood.server.command;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * The latest slow commands, as many as {@code slowlog-max-len} allows. Thread-safe; only slow
 * commands ever come here, so one lock does.
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

  private final Deque<Entry> newestFirst = new ArrayDeque<>();
  private long nextId;

  /**
   * Keeps a command. The caller has compared its time with {@code slowlog-log-slower-than}.
   *
   * @param maxEntries {@code slowlog-max-len}
   */
  public void add(
      CommandSpec command,
      Arguments args,
      long unixSeconds,
      long micros,
      Connection connection,
      int maxEntries) {
    if (command.has(CommandFlag.SKIP_SLOWLOG)) {
      return;
    }
    List<byte[]> arguments = shortened(command, args);
    synchronized (this) {
      newestFirst.addFirst(
          new Entry(
              nextId++,
              unixSeconds,
              micros,
              arguments,
              connection.address(),
              connection.state().name()));
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

  private static List<byte[]> shortened(CommandSpec command, Arguments args) {
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
