package heartwood.tests.history;

import java.util.List;

/**
 * The verdict on a history. Immutable.
 *
 * @param operationCount how many operations were looked at
 * @param objectCount of how many objects
 * @param configurations that the searches met: what it cost
 * @param broken the objects whose operations no order explains
 * @param open the objects whose search was given up
 */
public record Judgement(
    int operationCount,
    int objectCount,
    long configurations,
    List<Broken> broken,
    List<Open> open) {
  private static final int MAX_SHOWN = 60;

  /** An object whose operations no order explains. */
  public record Broken(String key, Verdict.Violation violation) {}

  /** An object whose search was given up. */
  public record Open(String key, String reason) {}

  public Judgement {
    broken = List.copyOf(broken);
    open = List.copyOf(open);
  }

  /** Whether everything was decided, and nothing is broken. */
  public boolean isLinearizable() {
    return broken.isEmpty() && open.isEmpty();
  }

  /** The verdict in a line, then a paragraph for each object that is not in order. */
  public String text() {
    StringBuilder text = new StringBuilder();
    String what = operationCount + " operations on " + objectCount + " objects";
    if (isLinearizable()) {
      return text.append("linearizable: ").append(what).append('\n').toString();
    }
    text.append("NOT linearizable: ").append(broken.size()).append(" objects are broken");
    text.append(", ").append(open.size()).append(" are undecided, of ").append(what).append('\n');
    broken.forEach(each -> describe(text, each));
    open.forEach(
        each -> text.append("\nundecided: ").append(each.key).append(": ").append(each.reason));
    return text.toString();
  }

  private static void describe(StringBuilder text, Broken broken) {
    Verdict.Violation violation = broken.violation;
    text.append("\nbroken: ").append(broken.key).append(": ").append(violation.reason());
    text.append('\n');
    if (!violation.before().isEmpty()) {
      text.append("  before this it was ");
      text.append(
          String.join(" or ", violation.before().stream().map(Explanation::shown).toList()));
      text.append('\n');
    }
    List<Operation> window = violation.window();
    window.stream()
        .skip(Math.max(0, window.size() - MAX_SHOWN))
        .forEach(operation -> text.append("  ").append(operation.sentence()).append('\n'));
  }
}
