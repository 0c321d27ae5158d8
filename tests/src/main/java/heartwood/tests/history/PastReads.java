package heartwood.tests.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The past does not change: whoever asks for a key at a revision is told the same. Stateless. */
final class PastReads {
  private PastReads() {}

  /** The violations among the reads of one key's past. */
  static List<Verdict.Violation> judge(List<Operation> operations) {
    Map<String, Operation> first = new HashMap<>();
    List<Verdict.Violation> violations = new ArrayList<>();
    for (Operation read : operations) {
      if (!read.isOk()) {
        continue;
      }
      String revision = Objects.requireNonNull(read.argument());
      Operation told = first.putIfAbsent(revision, read);
      if (told != null && !Objects.equals(told.result(), read.result())) {
        violations.add(
            new Verdict.Violation(
                "two reads of the key at " + revision + " were told different values",
                List.of(),
                List.of(told, read)));
      }
    }
    return violations;
  }
}
