package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Bytes;
import heartwood.resp.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Every write of every writer and what became of it, to be held against the data. A writer records
 * its own; the checks are made while none writes.
 *
 * <p>Write {@code n} of a writer sets a key of its own, a field of its own, or counts: by {@code n}
 * alone, so that its outcome is all there is to remember.
 */
final class Ledger {
  private static final int COUNTERS = 5;
  private static final int FIELDS_PER_HASH = 300;
  private static final int CHECKS_PER_TRIP = 500;

  private final List<Outcomes> writers = new ArrayList<>();
  private final AtomicLongArray counted = new AtomicLongArray(COUNTERS);
  private final AtomicLongArray uncertain = new AtomicLongArray(COUNTERS);
  private final List<BitSet> seen = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();

  Ledger(int writerCount) {
    for (int i = 0; i < writerCount; i++) {
      writers.add(new Outcomes());
    }
    for (int i = 0; i < COUNTERS; i++) {
      seen.add(new BitSet());
    }
  }

  /** One writer's, by number. Confined to the writer. */
  private static final class Outcomes {
    private Outcome[] byNumber = new Outcome[1024];
    private int count;
    private int checkedUpTo;
  }

  /** The number of the writer's next write. */
  int begin(int writer) {
    Outcomes outcomes = writers.get(writer);
    if (outcomes.count == outcomes.byNumber.length) {
      outcomes.byNumber = Arrays.copyOf(outcomes.byNumber, outcomes.count * 2);
    }
    return outcomes.count++;
  }

  static String[] command(int writer, int number) {
    return switch (number % 3) {
      case 0 -> new String[] {"SET", key(writer, number), value(writer, number)};
      case 1 -> new String[] {"HSET", hash(writer, number), "f" + number, value(writer, number)};
      default -> new String[] {"INCR", "counter:" + counter(number)};
    };
  }

  private static String key(int writer, int number) {
    return "key:" + writer + ":" + number;
  }

  private static String hash(int writer, int number) {
    return "hash:" + writer + ":" + number / FIELDS_PER_HASH;
  }

  private static String value(int writer, int number) {
    return writer + ":" + number;
  }

  private static int counter(int number) {
    return number / 3 % COUNTERS;
  }

  private static boolean isCount(int number) {
    return number % 3 == 2;
  }

  /** What a writer heard; the reply of an acknowledged count must not have been heard before. */
  Outcome record(int writer, int number, Reply reply) {
    Outcome outcome = Outcome.ofReply(reply);
    if (outcome == Outcome.ACKNOWLEDGED && isCount(number)) {
      int value = Math.toIntExact(((Reply.IntegerReply) reply).value());
      BitSet values = seen.get(counter(number));
      synchronized (values) {
        assertThat(values.get(value)).as("INCR answered %s twice", value).isFalse();
        values.set(value);
      }
    }
    record(writer, number, outcome);
    return outcome;
  }

  void recordUnknown(int writer, int number) {
    record(writer, number, Outcome.UNKNOWN);
  }

  private void record(int writer, int number, Outcome outcome) {
    writers.get(writer).byNumber[number] = outcome;
    AtomicLong total =
        outcome == Outcome.ACKNOWLEDGED
            ? acknowledged
            : outcome == Outcome.UNKNOWN ? unknown : refused;
    total.incrementAndGet();
    if (isCount(number) && outcome != Outcome.NOT_EXECUTED) {
      (outcome == Outcome.ACKNOWLEDGED ? counted : uncertain).incrementAndGet(counter(number));
    }
  }

  long acknowledged() {
    return acknowledged.get();
  }

  /** Holds what was written since the last check against the data. */
  void checkRecent(RawConnection connection) throws IOException {
    check(connection, false);
  }

  /** Holds everything that was ever written against the data. */
  void checkAll(RawConnection connection) throws IOException {
    check(connection, true);
  }

  private void check(RawConnection connection, boolean isWhole) throws IOException {
    for (int writer = 0; writer < writers.size(); writer++) {
      Outcomes outcomes = writers.get(writer);
      int from = isWhole ? 0 : outcomes.checkedUpTo;
      for (; from < outcomes.count; from += CHECKS_PER_TRIP) {
        checkRange(connection, writer, from, Math.min(outcomes.count, from + CHECKS_PER_TRIP));
      }
      outcomes.checkedUpTo = outcomes.count;
    }
    for (int counter = 0; counter < COUNTERS; counter++) {
      checkCounter(connection, counter);
    }
  }

  private void checkRange(RawConnection connection, int writer, int from, int to)
      throws IOException {
    for (int number = from; number < to; number++) {
      if (number % 3 == 0) {
        connection.send("GET", key(writer, number));
      } else if (number % 3 == 1) {
        connection.send("HGET", hash(writer, number), "f" + number);
      }
    }
    connection.flush();
    for (int number = from; number < to; number++) {
      if (!isCount(number)) {
        checkValue(writer, number, connection.receive());
      }
    }
  }

  private void checkValue(int writer, int number, Reply reply) {
    Outcome outcome = writers.get(writer).byNumber[number];
    String what = String.join(" ", command(writer, number)) + ", " + outcome;
    boolean isThere = reply instanceof Reply.BulkString;
    if (isThere) {
      assertThat(((Reply.BulkString) reply).value())
          .as(what)
          .isEqualTo(Bytes.utf8(value(writer, number)));
    } else {
      assertThat(reply).as(what).isInstanceOf(Reply.Null.class);
    }
    if (outcome != Outcome.UNKNOWN) {
      assertThat(isThere).as(what + ", is there").isEqualTo(outcome == Outcome.ACKNOWLEDGED);
    }
  }

  private void checkCounter(RawConnection connection, int counter) throws IOException {
    Reply reply = connection.call("GET", "counter:" + counter);
    long value = reply instanceof Reply.BulkString text ? Long.parseLong(text.value().utf8()) : 0;
    assertThat(value)
        .as("counter %s", counter)
        .isBetween(counted.get(counter), counted.get(counter) + uncertain.get(counter));
  }

  @Override
  public String toString() {
    return "acknowledged=" + acknowledged + " notExecuted=" + refused + " unknown=" + unknown;
  }
}
