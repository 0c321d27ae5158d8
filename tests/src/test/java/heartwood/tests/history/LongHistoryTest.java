package heartwood.tests.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Histories as long as a run of minutes makes them are judged in seconds. */
class LongHistoryTest {
  private static final int OPERATIONS = 120_000;
  private static final int CLIENTS = 12;

  private final Random random = new Random(1);

  @Test
  void aRegisterOfManyClients() {
    List<Operation> operations = new ArrayList<>();
    String value = Model.ABSENT;
    for (int i = 0; i < OPERATIONS; i++) {
      boolean isWrite = random.nextInt(3) == 0;
      Outcome outcome = isWrite && random.nextInt(50) == 0 ? Outcome.UNKNOWN : Outcome.OK;
      String argument = isWrite ? "v" + i : null;
      if (isWrite && (outcome == Outcome.OK || random.nextBoolean())) {
        value = "v" + i;
      }
      String told = isWrite || value.equals(Model.ABSENT) ? null : value;
      operations.add(at(i, isWrite ? Kind.SET : Kind.GET, argument, outcome, told));
    }

    assertThat(new HistoryChecker().judge(operations).isLinearizable()).isTrue();
    operations.add(last(Kind.GET, "v0"));
    assertThat(new HistoryChecker().judge(operations).isLinearizable()).isFalse();
  }

  @Test
  void aCounterWithManyUnknownIncrements() {
    List<Operation> operations = new ArrayList<>();
    int sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      Outcome outcome = random.nextInt(20) == 0 ? Outcome.UNKNOWN : Outcome.OK;
      if (outcome == Outcome.OK || random.nextBoolean()) {
        sum++;
      }
      String told = outcome == Outcome.OK ? Integer.toString(sum) : null;
      operations.add(at(i, Kind.INCR, null, outcome, told));
    }

    assertThat(new HistoryChecker().judge(operations).isLinearizable()).isTrue();
    operations.add(last(Kind.COUNT, Integer.toString(OPERATIONS + 1)));
    assertThat(new HistoryChecker().judge(operations).isLinearizable()).isFalse();
  }

  @Test
  void aFieldThatIsSetAndDeletedWithManyUnknown() {
    List<Operation> operations = new ArrayList<>();
    String value = Model.ABSENT;
    for (int i = 0; i < 2_000; i++) {
      Kind kind = List.of(Kind.SET, Kind.DEL, Kind.GET).get(random.nextInt(3));
      boolean isUnknown = kind != Kind.GET && random.nextInt(40) == 0;
      boolean isThere = !value.equals(Model.ABSENT);
      String told =
          switch (kind) {
            case SET -> isThere ? "0" : "1";
            case DEL -> isThere ? "1" : "0";
            default -> isThere ? value : null;
          };
      if (kind != Kind.GET && (!isUnknown || random.nextBoolean())) {
        value = kind == Kind.SET ? "v" + i : Model.ABSENT;
      }
      operations.add(
          at(
              i,
              kind,
              kind == Kind.SET ? "v" + i : null,
              isUnknown ? Outcome.UNKNOWN : Outcome.OK,
              isUnknown ? null : told));
    }

    assertThat(new HistoryChecker().judge(operations).isLinearizable()).isTrue();
    operations.add(last(Kind.GET, "v0"));
    Judgement broken = new HistoryChecker().judge(operations);
    assertThat(broken.broken()).as(broken.text()).hasSize(1);
  }

  /** Each overlaps with some twelve others, and takes effect at its number. */
  private Operation at(
      int number, Kind kind, @Nullable String argument, Outcome outcome, @Nullable String result) {
    long micro = 1000L * (number + 1000);
    long from = micro - random.nextInt(6_000);
    long to = micro + random.nextInt(6_000);
    return new Operation(CLIENTS + number, "k", kind, argument, outcome, result, from, to);
  }

  private static Operation last(Kind kind, String result) {
    long late = 10L * 1000 * OPERATIONS;
    return new Operation(1, "k", kind, null, Outcome.OK, result, late, late + 1);
  }
}
