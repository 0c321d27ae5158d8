package heartwood.tests.process;

import heartwood.resp.Reply;
import heartwood.tests.process.PastNotes.Note;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes at random by whatever proxy is there, and now and then notes what a moment
 * looks like that has just begun to be past. A thread of its own; a seed decides what it sends.
 */
final class PastWriter implements AutoCloseable {
  static final int DATABASES = 3;
  static final int FIELDS = 12;

  private static final Duration REPLY = Duration.ofSeconds(10);
  private static final long END_MILLIS = 30_000;
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final int MAX_DEPTH = 12;
  private static final List<String> EXPECTED_ERRORS =
      List.of(
          "WRONGTYPE",
          "UNCERTAIN",
          "CLUSTERDOWN",
          "MOVED",
          "ERR no such key",
          "ERR value is not an integer",
          "FUTURE", // A revision of the leader, asked through a node that lags.
          "ERR '"); // … has no version ~n

  private final ClusterRig rig;
  private final PastNotes notes;
  private final Random random;
  private final Thread thread;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean isStopped;
  private @Nullable RawConnection connection;
  private int database;

  private PastWriter(ClusterRig rig, PastNotes notes, long seed) {
    this.rig = rig;
    this.notes = notes;
    this.random = new Random(seed);
    this.thread = new Thread(this::run, "past-writer");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((t, e) -> failure.compareAndSet(null, e));
  }

  static PastWriter start(ClusterRig rig, PastNotes notes, long seed) {
    PastWriter writer = new PastWriter(rig, notes, seed);
    writer.thread.start();
    return writer;
  }

  private void run() {
    while (!isStopped) {
      try {
        if (connection == null) {
          int node = 1 + random.nextInt(rig.size());
          connection = RawConnection.open(rig.address(node).proxyPort(), REPLY);
          database = 0;
        }
        turn(connection);
      } catch (IOException e) {
        disconnect();
      }
      LockSupport.parkNanos(REST_NANOS);
    }
    disconnect();
  }

  private void turn(RawConnection open) throws IOException {
    int chosen = random.nextInt(4) == 0 ? 1 + random.nextInt(DATABASES - 1) : 0;
    if (chosen != database) {
      open.call("SELECT", "" + chosen);
      database = chosen;
    }
    List<String[]> commands = new ArrayList<>();
    int depth = 1 + random.nextInt(MAX_DEPTH);
    for (int i = 0; i < depth; i++) {
      commands.add(command());
    }
    for (Reply reply : Replied.pipelined(open, commands)) {
      String error = RawConnection.errorOf(reply);
      if (error == null) {
        notes.onAcknowledged();
      } else if (EXPECTED_ERRORS.stream().noneMatch(error::startsWith)) {
        throw new AssertionError("not expected: " + error);
      }
    }
    if (random.nextInt(8) == 0) {
      note(open);
    }
  }

  private void note(RawConnection open) throws IOException {
    boolean isNow = random.nextBoolean();
    List<String> command = readCommand(isNow);
    List<String> words = new ArrayList<>();
    words.add("AT");
    words.add(isNow ? "now" : "-" + random.nextInt(50) + "ms");
    words.add("WITHREV");
    words.addAll(command);
    Reply reply = open.call(words.toArray(String[]::new));
    if (reply instanceof Reply.Array array) {
      long revision = Replied.number(array.elements().get(0));
      long millis = Replied.number(array.elements().get(1));
      String moment = isNow ? "@" + revision : "" + millis;
      notes.add(new Note(database, revision, moment, command, array.elements().get(2)));
    }
  }

  private List<String> readCommand(boolean isNow) {
    return switch (random.nextInt(isNow ? 8 : 9)) {
      case 0 -> List.of("KEYS", "*");
      case 1 -> List.of("DBSIZE");
      case 2 -> List.of("HGETALL", hashKey());
      case 3 -> List.of("PEXPIRETIME", anyKey());
      case 4 -> List.of("HPEXPIRETIME", hashKey(), "FIELDS", "1", field());
      case 5 -> List.of("TYPE", anyKey());
      case 6 -> List.of("HLEN", hashKey());
      case 7 -> List.of("GET", stringKey());
      default -> List.of("PTTL", anyKey()); // Of the present it is told by the clock.
    };
  }

  private String[] command() {
    return words().toArray(String[]::new);
  }

  private List<String> words() {
    int chance = random.nextInt(1000);
    if (chance < 230) {
      return List.of("SET", stringKey(), value(3000));
    } else if (chance < 460) {
      return List.of("HSET", hashKey(), field(), value(800), field(), value(80));
    } else if (chance < 520) {
      return List.of("HDEL", hashKey(), field(), field());
    } else if (chance < 580) {
      return List.of("DEL", anyKey());
    } else if (chance < 660) {
      return List.of("INCR", "n" + random.nextInt(4));
    } else if (chance < 760) {
      return List.of("APPEND", stringKey(), value(random.nextInt(10) == 0 ? 9000 : 300));
    } else if (chance < 800) {
      return List.of("PEXPIRE", anyKey(), "" + (1 + random.nextInt(900)));
    } else if (chance < 815) {
      return List.of("EXPIRE", anyKey(), "" + (1 + random.nextInt(3)));
    } else if (chance < 855) {
      return List.of(
          "HPEXPIRE", hashKey(), "" + (1 + random.nextInt(900)), "FIELDS", "2", field(), field());
    } else if (chance < 900) {
      return List.of("RENAME", anyKey(), anyKey());
    } else if (chance < 920) {
      return List.of("PERSIST", anyKey());
    } else if (chance < 924) {
      return List.of("SWAPDB", "1", "2");
    } else if (chance < 928 && database != 0) {
      return List.of("FLUSHDB");
    } else if (chance < 932) {
      return List.of("REWIND", "MATCH", "h*", "TO", moment(), "COUNT", "20");
    } else if (chance < 950) {
      return List.of("REWIND", anyKey(), "TO", "~" + (1 + random.nextInt(3)));
    } else {
      return List.of("REWIND", anyKey(), anyKey(), "TO", moment());
    }
  }

  private String moment() {
    return random.nextBoolean()
        ? "@" + notes.lastRevision()
        : "-" + (1 + random.nextInt(400)) + "ms";
  }

  private String anyKey() {
    return random.nextBoolean() ? stringKey() : hashKey();
  }

  private String stringKey() {
    return "s" + random.nextInt(10);
  }

  private String hashKey() {
    return "h" + random.nextInt(8);
  }

  private String field() {
    return "f" + random.nextInt(FIELDS);
  }

  private String value(int maxLength) {
    String tail = random.nextInt(1_000_000) + "-";
    return tail.repeat(1 + random.nextInt(maxLength) / tail.length());
  }

  void requireNoFailure() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("a writer failed: " + cause.getMessage(), cause);
    }
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  @Override
  public void close() {
    isStopped = true;
    try {
      thread.join(END_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertEnded();
    requireNoFailure();
  }

  private void assertEnded() {
    if (thread.isAlive()) {
      throw new AssertionError("a writer hangs");
    }
  }
}
