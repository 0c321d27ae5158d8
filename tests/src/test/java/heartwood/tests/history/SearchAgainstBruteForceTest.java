package heartwood.tests.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Small histories, drawn from a server that is right, lies now and then, or is a drunkard: the
 * search and brute force say the same of each. {@code -Dhistories=…} for more of them.
 */
class SearchAgainstBruteForceTest {
  private static final int HISTORIES = Integer.getInteger("histories", 20_000);
  private static final int MAX_OPERATIONS = 8;

  @ParameterizedTest
  @EnumSource(
      value = Model.class,
      names = {"REGISTER", "COUNTER", "TEXT"})
  void bothSayTheSame(Model model) {
    int linearizable = 0;
    for (int seed = 0; seed < HISTORIES; seed++) {
      List<Operation> operations = new SmallHistory(model, new Random(seed)).draw();
      boolean expected = BruteForce.isLinearizable(operations);
      Judgement judgement = new HistoryChecker().judge(operations);

      assertThat(judgement.isLinearizable())
          .as("seed %s\n%s", seed, shown(operations))
          .isEqualTo(expected);
      linearizable += expected ? 1 : 0;
    }

    assertThat(linearizable).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
  }

  private static String shown(List<Operation> operations) {
    return String.join("\n", operations.stream().map(Operation::sentence).toList());
  }

  /** Operations that overlap a little, and were executed in the order of a point within each. */
  private static final class SmallHistory {
    private final Model model;
    private final Random random;
    private final boolean isPresenceTold;

    SmallHistory(Model model, Random random) {
      this.model = model;
      this.random = random;
      isPresenceTold = random.nextBoolean();
    }

    List<Operation> draw() {
      int count = 2 + random.nextInt(MAX_OPERATIONS - 1);
      List<Operation> operations = new ArrayList<>();
      String state = Model.ABSENT;
      List<String> written = new ArrayList<>(List.of("z;"));
      for (int i = 0; i < count; i++) {
        long at = 10L * i;
        Kind kind = kind();
        String argument = kind == Kind.SET || kind == Kind.APPEND ? (char) ('a' + i) + ";" : null;
        Outcome outcome = outcome();
        boolean takesEffect =
            outcome == Outcome.OK
                ? random.nextInt(30) > 0
                : outcome == Outcome.UNKNOWN && random.nextBoolean();
        Operation blank = operation(i, at, kind, argument, Outcome.UNKNOWN, null);
        String next = takesEffect && !kind.isRead() ? model.next(state, blank) : state;
        String result = outcome == Outcome.OK ? result(kind, state, next, written) : null;
        if (argument != null) {
          written.add(argument);
        }
        state = next == null ? state : next;
        operations.add(operation(i, at, kind, argument, outcome, result));
      }
      return operations;
    }

    private Operation operation(
        int number,
        long at,
        Kind kind,
        @Nullable String argument,
        Outcome outcome,
        @Nullable String result) {
      long from = at - random.nextInt(25);
      long to = at + random.nextInt(25);
      int client = random.nextInt(4) == 0 ? 1 : 10 + number;
      return new Operation(client, "k", kind, argument, outcome, result, from + 100, to + 100);
    }

    private Kind kind() {
      return switch (model) {
        case REGISTER -> {
          int drawn = random.nextInt(isPresenceTold ? 5 : 4);
          yield drawn < 2 ? Kind.SET : drawn < 4 ? Kind.GET : Kind.DEL;
        }
        case COUNTER -> random.nextInt(3) > 0 ? Kind.INCR : Kind.COUNT;
        default -> random.nextInt(3) > 0 ? Kind.APPEND : Kind.READ;
      };
    }

    private Outcome outcome() {
      int drawn = random.nextInt(8);
      return drawn < 5 ? Outcome.OK : drawn < 7 ? Outcome.UNKNOWN : Outcome.NOT_EXECUTED;
    }

    private @Nullable String result(
        Kind kind, String before, @Nullable String after, List<String> written) {
      boolean lies = random.nextInt(12) == 0;
      String now = after == null ? before : after;
      return switch (kind) {
        case GET, READ ->
            lies
                ? written.get(random.nextInt(written.size()))
                : now.equals(Model.ABSENT) ? null : now;
        case COUNT, INCR -> {
          long told = now.equals(Model.ABSENT) ? 0 : Long.parseLong(now);
          yield Long.toString(lies ? told + random.nextInt(3) - 1 : told);
        }
        case APPEND -> Integer.toString(lies ? 2 * random.nextInt(5) : now.length());
        case SET -> isPresenceTold ? before.equals(Model.ABSENT) != lies ? "1" : "0" : null;
        case DEL -> before.equals(Model.ABSENT) == lies ? "1" : "0";
        case PAST -> throw new AssertionError();
      };
    }
  }
}
