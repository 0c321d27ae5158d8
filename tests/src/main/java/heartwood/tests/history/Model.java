package heartwood.tests.history;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one object does when one operation after the other reaches it. Stateless. */
enum Model {
  /** A value or none. Each written value is written once in a history. */
  REGISTER {
    @Override
    @Nullable String next(String state, Operation operation) {
      boolean isThere = !state.equals(ABSENT);
      return switch (operation.kind()) {
        case SET ->
            allows(operation, isThere ? "0" : "1")
                ? Objects.requireNonNull(operation.argument())
                : null;
        case DEL -> allows(operation, isThere ? "1" : "0") ? ABSENT : null;
        case GET -> !operation.isOk() || state.equals(told(operation, ABSENT)) ? state : null;
        default -> throw new AssertionError(operation);
      };
    }
  },

  /** A sum; what was never begun is 0. */
  COUNTER {
    @Override
    @Nullable String next(String state, Operation operation) {
      if (operation.kind() == Kind.COUNT) {
        return told(operation, "0").equals(state.equals(ABSENT) ? "0" : state) ? state : null;
      }
      String sum = Long.toString(state.equals(ABSENT) ? 1 : Long.parseLong(state) + 1);
      return allows(operation, sum) ? sum : null;
    }

    @Override
    boolean isTooLate(String state, Operation operation) {
      long sum = state.equals(ABSENT) ? 0 : Long.parseLong(state);
      long atMost = operation.kind() == Kind.INCR ? sum + 1 : sum;
      String result = operation.result();
      return operation.isOk() && result != null && Long.parseLong(result) < atMost;
    }
  },

  /** A text that only grows. Each piece is written once, and none is within another. */
  TEXT {
    @Override
    @Nullable String next(String state, Operation operation) {
      if (operation.kind() == Kind.READ) {
        return state.equals(told(operation, ABSENT)) ? state : null;
      }
      String grown = (state.equals(ABSENT) ? "" : state) + operation.argument();
      return allows(operation, Integer.toString(grown.length())) ? grown : null;
    }

    @Override
    boolean isTooLate(String state, Operation operation) {
      String result = operation.result();
      return operation.kind() == Kind.APPEND
          && result != null
          && !state.equals(ABSENT)
          && Integer.parseInt(result) <= state.length();
    }
  },

  /** Not a matter of order: {@code PastReads} looks at these. */
  PAST {
    @Override
    @Nullable String next(String state, Operation operation) {
      throw new AssertionError(operation);
    }
  };

  /** No client writes this. */
  static final String ABSENT = "\0";

  /**
   * The state behind an operation, or null if it could not have told what it told.
   *
   * @param state {@link #ABSENT} or what was written
   */
  abstract @Nullable String next(String state, Operation operation);

  /** Whether an operation could not have told what it told, in this state and all behind it. */
  boolean isTooLate(String state, Operation operation) {
    return false;
  }

  /** A write that told nothing could have told anything. */
  private static boolean allows(Operation write, String result) {
    return write.result() == null || write.result().equals(result);
  }

  private static String told(Operation read, String nothing) {
    return Objects.requireNonNullElse(read.result(), nothing);
  }
}
