package heartwood.tests.chaos;

import heartwood.tests.history.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What clients ask for: few keys at a time, so that they meet; others after a while, so that what
 * is unknown does not pile up and begin from nothing is met too. Every value is written once.
 * Thread-safe.
 */
final class Workload {
  private static final int REGISTERS = 4;
  private static final int COUNTERS = 2;
  private static final int HASHES = 2;
  private static final int FIELDS = 4;
  private static final int TEXTS = 2;
  private static final int PIECES_PER_TEXT = 60;
  private static final long EPOCH_NANOS = TimeUnit.SECONDS.toNanos(6);

  private static final int BIG_VALUE_BYTES = 8_000;

  private final LongSupplier clock;
  private final boolean hasBigValues;
  private final AtomicInteger values = new AtomicInteger();
  private final AtomicInteger pieces = new AtomicInteger();

  /**
   * Of a run that begins now.
   *
   * @param hasBigValues whether some values are so long that disks fill up
   */
  Workload(LongSupplier clock, boolean hasBigValues) {
    this.clock = clock;
    this.hasBigValues = hasBigValues;
  }

  /** The next command of a client. */
  Request next(int client, Random random) {
    int drawn = random.nextInt(100);
    if (drawn < 30) {
      return register(client, random);
    }
    if (drawn < 50) {
      return counter(random);
    }
    return drawn < 85 ? field(client, random) : text(client, random);
  }

  private long epoch() {
    return clock.getAsLong() / EPOCH_NANOS;
  }

  private Request register(int client, Random random) {
    String key = "register:" + epoch() + ":" + random.nextInt(REGISTERS);
    if (random.nextInt(5) < 2) {
      String value = value(client);
      return new Request(key, Kind.SET, value, List.of("SET", key, value));
    }
    return read(key, Kind.GET);
  }

  /** Keys that clients write now. */
  List<String> registersInUse() {
    List<String> keys = new ArrayList<>();
    for (int number = 0; number < REGISTERS; number++) {
      keys.add("register:" + epoch() + ":" + number);
    }
    return keys;
  }

  private Request counter(Random random) {
    String key = "counter:" + epoch() + ":" + random.nextInt(COUNTERS);
    return random.nextInt(10) < 7
        ? new Request(key, Kind.INCR, null, List.of("INCR", key))
        : read(key, Kind.COUNT);
  }

  private Request field(int client, Random random) {
    String key = "hash:" + epoch() + ":" + random.nextInt(HASHES);
    String field = "f" + random.nextInt(FIELDS);
    int drawn = random.nextInt(20);
    if (drawn < 9) {
      String value = value(client);
      return new Request(key + "/" + field, Kind.SET, value, List.of("HSET", key, field, value));
    }
    return drawn < 12
        ? new Request(key + "/" + field, Kind.DEL, null, List.of("HDEL", key, field))
        : new Request(key + "/" + field, Kind.GET, null, List.of("HGET", key, field));
  }

  private Request text(int client, Random random) {
    boolean isWrite = random.nextInt(5) < 3;
    int number = isWrite ? pieces.getAndIncrement() : pieces.get();
    String key = "text:" + number / TEXTS / PIECES_PER_TEXT + ":" + number % TEXTS;
    if (isWrite) {
      String piece = String.format("c%03d-%06d;", client, number);
      return new Request(key, Kind.APPEND, piece, List.of("APPEND", key, piece));
    }
    return read(key, Kind.READ);
  }

  private String value(int client) {
    int number = values.getAndIncrement();
    boolean isBig = hasBigValues && number % 3 == 0;
    return "c" + client + "-" + number + (isBig ? LongText.filler(BIG_VALUE_BYTES) : "");
  }

  /** Reads a key whole. */
  static Request read(String key, Kind kind) {
    return new Request(key, kind, null, List.of("GET", key));
  }

  /** Reads an object that was met in a history. */
  static Request readAgain(String object, Kind kind) {
    int slash = object.indexOf('/');
    return slash < 0
        ? read(object, kind)
        : new Request(
            object,
            kind,
            null,
            List.of("HGET", object.substring(0, slash), object.substring(slash + 1)));
  }

  /** Reads a register as it is now, with the revision that this is. */
  Request present(Random random) {
    String key = "register:" + epoch() + ":" + random.nextInt(REGISTERS);
    return new Request(key, Kind.PAST, null, List.of("AT", "now", "WITHREV", "GET", key));
  }

  /** Reads a register as it was. */
  static Request past(String key, String revision) {
    return new Request(key, Kind.PAST, revision, List.of("AT", revision, "GET", key));
  }

  /** The read that belongs to a write. */
  static Kind readOf(Kind kind) {
    return switch (kind) {
      case SET, GET, DEL -> Kind.GET;
      case INCR, COUNT -> Kind.COUNT;
      case APPEND, READ -> Kind.READ;
      case PAST -> Kind.PAST;
    };
  }

  /** As many commands as a client sends at once. */
  List<Request> next(int client, Random random, int count) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(next(client, random));
    }
    return requests;
  }
}
