package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;

/**
 * What a key that one client alone writes can hold, by what the client was told. Absent is the
 * empty text. Confined.
 *
 * <p>A read that is answered decides about uncertain writes before it: whoever leads then has
 * settled what came before its term.
 */
final class Register {
  private Set<String> possible = Set.of("");

  void onWrite(Outcome outcome, String value) {
    if (outcome == Outcome.ACKNOWLEDGED) {
      possible = Set.of(value);
    } else if (outcome == Outcome.UNKNOWN) {
      Set<String> more = new HashSet<>(possible);
      more.add(value);
      possible = more;
    }
  }

  void onRead(String value) {
    assertThat(possible).as("what a read may see").contains(value);
    possible = Set.of(value);
  }

  /** An increment that was answered. */
  void onCount(long reply) {
    onRead(reply == 1 && possible.contains("") ? "" : String.valueOf(reply - 1));
    possible = Set.of(String.valueOf(reply));
  }

  /** An increment that nobody knows the end of. */
  void onUnknownCount() {
    Set<String> more = new HashSet<>(possible);
    for (String value : possible) {
      more.add(String.valueOf(value.isEmpty() ? 1 : Long.parseLong(value) + 1));
    }
    possible = more;
  }
}
