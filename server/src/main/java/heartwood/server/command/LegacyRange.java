package heartwood.server.command;

import java.util.List;

/**
 * The first key, last key and step that COMMAND still shows, derived from the key specs: one range,
 * or several that touch. What does not fit makes the keys movable. Immutable.
 */
record LegacyRange(int first, int last, int step, boolean movable) {

  static LegacyRange of(List<KeySpec> specs) {
    if (specs.size() == 1
        && specs.get(0).begin() instanceof KeySpec.At at
        && specs.get(0).find() instanceof KeySpec.Range range) {
      KeySpec spec = specs.get(0);
      int first = at.position();
      int last = range.last() >= 0 ? first + range.last() : range.last();
      return new LegacyRange(first, last, range.step(), isIncomplete(spec));
    }
    int first = 0;
    int last = 0;
    boolean movable = false;
    for (KeySpec spec : specs) {
      if (spec.begin() instanceof KeySpec.At at
          && spec.find() instanceof KeySpec.Range range
          && range.step() == 1
          && (last == 0 || last == at.position() - 1)) {
        movable |= isIncomplete(spec);
        first = first == 0 ? at.position() : first;
        last = range.last() >= 0 ? at.position() + range.last() : range.last();
      } else {
        movable = true;
      }
    }
    return new LegacyRange(first, last, first == 0 ? 0 : 1, movable);
  }

  private static boolean isIncomplete(KeySpec spec) {
    return spec.flags().contains("incomplete");
  }
}
