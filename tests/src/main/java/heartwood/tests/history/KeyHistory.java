package heartwood.tests.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The operations on one object, as the search wants them: which must have taken effect and until
 * when, which may have, and the order of all beginnings and ends. Immutable.
 *
 * <p>What is unknown makes a search explode, since it stays open for ever. Three observations, each
 * exact, keep it small. (1) Values are written once: an unknown write whose value was read has
 * taken effect, and before the first such read ended; so it is an operation like others, with that
 * end. (2) An unknown write of a register that nobody read changes nothing that anybody was told,
 * unless somebody was told whether there was a value; else it is left out. (3) What remains is
 * never told apart by anybody: all unknown increments, all unknown deletions, all writes of unread
 * values. Of each such class only the number that took effect matters, and the earliest invoked are
 * as good as any.
 */
final class KeyHistory {
  /** Stands for every value that was never read. */
  private static final String UNREAD = "\1";

  /** An operation that is pending has a bit of a long. */
  static final int MAX_PENDING = Long.SIZE;

  static final int MAX_CLASSES = 4;
  static final int CLASS_BITS = 16;
  private static final int MAX_UNKNOWN = (1 << (CLASS_BITS - 1)) - 1;
  private static final int[] NONE = {};

  /**
   * A beginning or an end.
   *
   * @param place of a definite operation, or, below 0, -1 - the class of an optional one
   */
  private record Event(long nanos, boolean isEnd, int place) {}

  private final Model model;
  private final List<Operation> all;
  private final List<Operation> definite = new ArrayList<>();
  private final List<Operation> classes = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();

  // Of each event.
  private final int[][] pending;
  private final long[] available;

  // Of each definite operation.
  private final int[] slot;
  private final int[] predecessor;

  KeyHistory(List<Operation> operations) {
    all = operations;
    model = operations.get(0).kind().model();
    boolean isPresenceTold = operations.stream().anyMatch(KeyHistory::tellsPresence);
    Map<String, Long> firstReadEnds = firstReadEnds();
    for (Operation operation : operations) {
      if (operation.kind().model() != model) {
        throw new IllegalArgumentException(
            operation.key() + " is a " + model + " and has " + operation.kind());
      }
      if (operation.isOk()) {
        Operation shown =
            isPresenceTold ? withoutUnread(operation, firstReadEnds) : operation; // See (3).
        addDefinite(shown, operation.completeNanos());
      } else if (operation.outcome() == Outcome.UNKNOWN && !operation.kind().isRead()) {
        addUnknown(operation, firstReadEnds, isPresenceTold);
      }
    }
    // What begins when another ends is taken to overlap with it.
    events.sort(Comparator.comparingLong(Event::nanos).thenComparing(Event::isEnd));
    pending = new int[events.size()][];
    available = new long[events.size()];
    slot = new int[definite.size()];
    predecessor = new int[definite.size()];
    layOut();
  }

  private static boolean tellsPresence(Operation operation) {
    return operation.kind() == Kind.DEL
        || (operation.kind() == Kind.SET && operation.result() != null);
  }

  /** Of registers by value, of a text by piece: when the first read that saw it ended. */
  private Map<String, Long> firstReadEnds() {
    Map<String, Long> ends = new HashMap<>();
    if (model == Model.REGISTER) {
      for (Operation read : all) {
        String seen = read.result();
        if (read.kind() == Kind.GET && read.isOk() && seen != null) {
          ends.merge(seen, read.completeNanos(), Math::min);
        }
      }
    } else if (model == Model.TEXT) {
      List<Operation> reads =
          all.stream().filter(op -> op.kind() == Kind.READ && op.result() != null).toList();
      for (Operation write : all) {
        if (write.kind() == Kind.APPEND && write.outcome() == Outcome.UNKNOWN) {
          String piece = Objects.requireNonNull(write.argument());
          Optional<Operation> first =
              reads.stream()
                  .filter(read -> Objects.requireNonNull(read.result()).contains(piece))
                  .min(Comparator.comparingLong(Operation::completeNanos));
          first.ifPresent(read -> ends.put(piece, read.completeNanos()));
        }
      }
    }
    return ends;
  }

  private void addUnknown(
      Operation operation, Map<String, Long> firstReadEnds, boolean isPresenceTold) {
    String argument = operation.argument();
    Long firstReadEnd = argument == null ? null : firstReadEnds.get(argument);
    if (firstReadEnd != null && firstReadEnd >= operation.invokeNanos()) {
      addDefinite(operation, firstReadEnd);
      return;
    }
    if (operation.kind() == Kind.SET && firstReadEnd == null && !isPresenceTold) {
      return;
    }
    // A value that was read before it was written stays what it is, and the read will not fit.
    String shown =
        argument == null || firstReadEnd != null ? argument : unread(operation.kind(), argument);
    Operation representative =
        new Operation(0, "", operation.kind(), shown, Outcome.UNKNOWN, null, 0, 0);
    int place = classes.indexOf(representative);
    if (place < 0) {
      place = classes.size();
      classes.add(representative);
    }
    events.add(new Event(operation.invokeNanos(), false, -1 - place));
  }

  /** Values of a register that nobody read need not be told apart. */
  private static Operation withoutUnread(Operation operation, Map<String, Long> firstReadEnds) {
    String argument = operation.argument();
    if (operation.kind() != Kind.SET || argument == null || firstReadEnds.containsKey(argument)) {
      return operation;
    }
    return new Operation(
        operation.client(),
        operation.key(),
        operation.kind(),
        UNREAD,
        operation.outcome(),
        operation.result(),
        operation.invokeNanos(),
        operation.completeNanos());
  }

  /** Whether an operation of a class writes a value that nobody read. */
  static boolean isUnread(Operation optional) {
    return optional.argument() != null && optional.argument().startsWith(UNREAD);
  }

  /** A text's length is told, so that its unread pieces differ by theirs. */
  private static String unread(Kind kind, String argument) {
    return UNREAD.repeat(kind == Kind.APPEND ? argument.length() : 1);
  }

  private void addDefinite(Operation operation, long endNanos) {
    int place = definite.size();
    definite.add(operation);
    events.add(new Event(operation.invokeNanos(), false, place));
    events.add(new Event(endNanos, true, place));
  }

  private void layOut() {
    List<Integer> open = new ArrayList<>();
    boolean[] isTaken = new boolean[definite.size() + 1];
    long callable = 0;
    for (int at = 0; at < events.size(); at++) {
      Event event = events.get(at);
      if (event.place() < 0) {
        int place = -1 - event.place();
        if (place < MAX_CLASSES) {
          callable += 1L << (place * CLASS_BITS);
        }
      } else if (!event.isEnd()) {
        int free = 0;
        while (isTaken[free]) {
          free++;
        }
        isTaken[free] = true;
        slot[event.place()] = free;
        predecessor[event.place()] = openBefore(open, event.place());
        open.add(event.place());
      }
      available[at] = callable;
      if (event.place() >= 0 && event.isEnd()) {
        pending[at] = open.stream().mapToInt(Integer::intValue).toArray();
        open.remove((Integer) event.place());
        isTaken[slot[event.place()]] = false;
      } else {
        pending[at] = NONE;
      }
    }
  }

  /** The operation of the same client that was sent last before and is not over; -1: none. */
  private int openBefore(List<Integer> open, int place) {
    Operation operation = definite.get(place);
    for (int i = open.size() - 1; i >= 0; i--) {
      Operation other = definite.get(open.get(i));
      if (other.client() == operation.client() && other.isOk() && operation.isOk()) {
        return open.get(i);
      }
    }
    return -1;
  }

  Model model() {
    return model;
  }

  /** All operations, also those that are left out of the search. */
  List<Operation> all() {
    return all;
  }

  /** Why these cannot be searched; empty if they can. */
  String obstacle() {
    if (Arrays.stream(slot).anyMatch(used -> used >= MAX_PENDING)) {
      return "more than " + MAX_PENDING + " operations at a time";
    }
    if (classes.size() > MAX_CLASSES) {
      return "more than " + MAX_CLASSES + " kinds of unknown operations";
    }
    return unknownCount() > MAX_UNKNOWN ? "more than " + MAX_UNKNOWN + " unknown operations" : "";
  }

  private long unknownCount() {
    return events.stream().filter(event -> event.place() < 0).count();
  }

  int eventCount() {
    return events.size();
  }

  /** The operation that ends at an event, or -1 if none does. */
  int endingAt(int event) {
    Event at = events.get(event);
    return at.isEnd() ? at.place() : -1;
  }

  /** At an event that is an end: which operations are begun and not over, that one included. */
  int[] pendingAt(int event) {
    return pending[event];
  }

  /** How many optional operations of each class have begun, {@link #CLASS_BITS} for each. */
  long availableAt(int event) {
    return available[event];
  }

  Operation definite(int place) {
    return definite.get(place);
  }

  /** The operation's bit among those that are pending with it. */
  long bit(int place) {
    return 1L << slot[place];
  }

  /** What was sent before over the same connection, and was not over then; -1: nothing. */
  int predecessor(int place) {
    return predecessor[place];
  }

  /** What the operations of each class do. */
  List<Operation> classes() {
    return classes;
  }

  /** The last event up to a given one before which no definite operation was pending. */
  int quietBefore(int event) {
    int open = 0;
    int quiet = 0;
    for (int at = 0; at <= event; at++) {
      if (open == 0) {
        quiet = at;
      }
      if (events.get(at).place() >= 0) {
        open += events.get(at).isEnd() ? -1 : 1;
      }
    }
    return quiet;
  }

  long nanosAt(int event) {
    return events.get(event).nanos();
  }
}
