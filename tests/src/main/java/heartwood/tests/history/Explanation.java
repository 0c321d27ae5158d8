package heartwood.tests.history;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says of an operation that fits nowhere what is known of the value that it told. Stateless. */
final class Explanation {
  private Explanation() {}

  static String of(Operation stuck, List<Operation> all) {
    String told = stuck.result();
    if (stuck.kind() != Kind.GET || told == null) {
      return "no order of the operations lets " + stuck.kind() + " tell " + shown(told);
    }
    String read = "a read told " + shown(told) + ", ";
    for (Operation write : all) {
      if (write.kind() == Kind.SET && told.equals(write.argument())) {
        return read + "which " + what(write, stuck);
      }
    }
    return read + "which nobody wrote";
  }

  private static String what(Operation write, Operation read) {
    if (write.outcome() == Outcome.NOT_EXECUTED) {
      return "was said to be not executed";
    }
    if (write.invokeNanos() > read.completeNanos()) {
      return "was written later";
    }
    return "was not the value then; it was written at "
        + String.format("%.3f ms", write.invokeNanos() / 1e6);
  }

  /** A value or state, as a person reads it. */
  static String shown(@Nullable String value) {
    String text = Objects.requireNonNullElse(value, "nothing");
    if (text.equals(Model.ABSENT)) {
      return "nothing";
    }
    return text.indexOf('\1') >= 0 ? "something that nobody read" : text;
  }
}
