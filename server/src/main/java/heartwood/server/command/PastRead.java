package heartwood.server.command;

import heartwood.resp.Request;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A reading command and the moment as of which it reads: what AT asks for, and any read of a frozen
 * connection. Without a command it asks what the moment comes to. Valid as long as its request.
 *
 * @param waitMillis how long it may wait for a revision to come; {@link #USUAL_WAIT} as configured
 * @param withRevision whether the reply is {@code [revision, milliseconds, reply of the command]}
 * @param spec the command; that of AT itself if there is none
 * @param request of the command; the whole one if there is none
 */
public record PastRead(
    Moment moment, long waitMillis, boolean withRevision, CommandSpec spec, Request request) {
  public static final long USUAL_WAIT = -1;

  private static final int MAX_MOMENT_BYTES = 1024;
  private static final int MOMENT = 1;

  /**
   * Reads {@code AT time [WITHREV] command [arg ...]}, or {@code AT time WITHREV}, or {@code
   * TIMELINE WAIT revision [milliseconds]}.
   *
   * @throws CommandException when time or command are none, or the command has no past
   */
  public static PastRead parse(CommandTable table, CommandSpec at, Request request) {
    return at == table.at() ? parseAt(table, at, request) : parseWait(at, request);
  }

  /**
   * TIMELINE WAIT revision [milliseconds]: the moment alone, but with a time of its own to wait.
   */
  private static PastRead parseWait(CommandSpec spec, Request request) {
    Moment moment = Moment.parse(text(request, 2));
    if (!(moment instanceof Moment.Revision) || request.count() > 4) {
      throw new CommandException(
          "ERR TIMELINE WAIT takes a revision, as in @123, and milliseconds");
    }
    long waitMillis = USUAL_WAIT;
    if (request.count() == 4) {
      try {
        waitMillis = Long.parseLong(text(request, 3));
      } catch (NumberFormatException e) {
        throw new CommandException("ERR timeout is not an integer or out of range");
      }
      if (waitMillis < 0) {
        throw new CommandException("ERR timeout is negative");
      }
    }
    return new PastRead(moment, waitMillis == 0 ? Long.MAX_VALUE : waitMillis, true, spec, request);
  }

  private static PastRead parseAt(CommandTable table, CommandSpec at, Request request) {
    Moment moment = Moment.parse(text(request, MOMENT));
    int from = innerAt(request);
    if (from == request.count()) {
      return new PastRead(moment, USUAL_WAIT, true, at, request);
    }
    Request inner = new Inner(request, from);
    CommandSpec spec = table.lookup(inner);
    if (spec == null) {
      throw new CommandException(table.unknown(inner));
    }
    if (!spec.accepts(inner.count())) {
      throw new CommandException(spec.wrongArgumentCount());
    }
    return of(moment, from > MOMENT + 1, spec, inner);
  }

  /**
   * A read of a connection that is frozen.
   *
   * @throws CommandException when the command has no past
   */
  public static PastRead of(Moment moment, CommandSpec spec, Request request) {
    return of(moment, false, spec, request);
  }

  private static PastRead of(
      Moment moment, boolean withRevision, CommandSpec spec, Request request) {
    if (!spec.hasPast()) {
      String name = spec.name().toUpperCase(Locale.ROOT).replace('|', ' ');
      throw new CommandException("ERR '" + name + "' has no past");
    }
    return new PastRead(moment, USUAL_WAIT, withRevision, spec, request);
  }

  /** Asks what a moment comes to. */
  public static PastRead ofMoment(Moment moment, CommandSpec at) {
    return new PastRead(moment, USUAL_WAIT, true, at, Arguments.of("at", "now", "withrev"));
  }

  /** Whether there is a command, and not just the moment. */
  public boolean hasCommand() {
    return spec.kind() == CommandSpec.Kind.READ;
  }

  /** Whether going on from a cursor needs a moment that stays: this is no first page. */
  public static boolean goesOn(CommandSpec spec, Request request) {
    int cursor = spec.cursorArgument();
    return cursor > 0 && !Words.equal(request, cursor, "0");
  }

  /** The same for another node, which has another clock: the moment is said in full. */
  public Request asRequest(Moment absolute) {
    String text;
    if (absolute instanceof Moment.Now) {
      text = "now";
    } else if (absolute instanceof Moment.Time time) {
      boolean isBare = time.millis() >= Moment.LEAST_BARE_MILLIS;
      text = isBare ? Long.toString(time.millis()) : Timeline.iso(time.millis());
    } else {
      throw new IllegalArgumentException(absolute + " is answered by every node itself");
    }
    int head = withRevision ? 3 : 2;
    byte[][] words = new byte[head + (hasCommand() ? request.count() : 0)][];
    words[0] = Texts.ascii("at");
    words[1] = Texts.ascii(text);
    if (withRevision) {
      words[2] = Texts.ascii("withrev");
    }
    for (int i = head; i < words.length; i++) {
      words[i] = bytes(request, i - head);
    }
    return Arguments.of(words);
  }

  static boolean findKeys(CommandTable table, Request request, KeyPositions keys) {
    int from = innerAt(request);
    if (from == request.count()) {
      return true;
    }
    Request inner = new Inner(request, from);
    CommandSpec spec = table.lookup(inner);
    if (spec == null || !spec.hasPast() || !spec.accepts(inner.count())) {
      return false;
    }
    boolean isValid = spec.findKeys(inner, keys);
    keys.shift(from);
    return isValid;
  }

  private static int innerAt(Request request) {
    return Words.equal(request, MOMENT + 1, "withrev") ? MOMENT + 2 : MOMENT + 1;
  }

  private static String text(Request request, int argument) {
    if (request.length(argument) > MAX_MOMENT_BYTES) {
      throw new CommandException("ERR invalid time: it is too long");
    }
    return new String(bytes(request, argument), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Request request, int argument) {
    byte[] bytes = new byte[request.length(argument)];
    request.copyTo(argument, bytes, 0);
    return bytes;
  }

  /** What stands in a request from an argument on. */
  private record Inner(Request outer, int from) implements Request {
    @Override
    public int count() {
      return outer.count() - from;
    }

    @Override
    public int length(int argument) {
      return outer.length(from + argument);
    }

    @Override
    public byte byteAt(int argument, int position) {
      return outer.byteAt(from + argument, position);
    }

    @Override
    public void copyTo(int argument, byte[] target, int offset) {
      outer.copyTo(from + argument, target, offset);
    }
  }
}
