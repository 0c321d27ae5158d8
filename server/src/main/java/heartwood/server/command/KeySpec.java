package heartwood.server.command;

import heartwood.resp.Request;
import java.util.List;

/**
 * Where a command has keys and what it does with them: Redis' key specification. First a place to
 * begin is sought, then the keys are found from there. Immutable.
 *
 * @param flags such as {@code RO}, {@code access}: Redis' words
 * @param begin where the search begins
 * @param find how the keys lie from there on
 */
record KeySpec(List<String> flags, Begin begin, Find find) {
  private static final int ABSENT = -1;

  sealed interface Begin permits At, After, Unknown {}

  /** At a fixed argument. */
  record At(int position) implements Begin {}

  /** Behind a keyword, sought from an argument on; backwards if that is counted from the end. */
  record After(String keyword, int startFrom) implements Begin {}

  sealed interface Find permits Range, Count, Until, Unknown {}

  /**
   * Every {@code step}-th argument.
   *
   * @param last relative to the first key; below zero: from the end of the arguments
   * @param limit if {@code last} is below zero: take one {@code limit}-th of the rest
   */
  record Range(int last, int step, int limit) implements Find {
    int lastKey(int first, int argumentCount) {
      if (last >= 0) {
        return first + last;
      }
      return limit == 0 ? argumentCount + last : first + (argumentCount - first) / limit + last;
    }
  }

  /**
   * As many as a number among the arguments says.
   *
   * @param countAt where that number stands, relative to the beginning
   * @param first where the first key stands, relative to the beginning
   */
  record Count(int countAt, int first, int step) implements Find {}

  /**
   * All up to a keyword, sought from the end of the arguments; none if there is no such word, or if
   * one of some others stands first.
   *
   * @param others words that begin another form of the command, which has no keys
   */
  record Until(String keyword, List<String> others) implements Find {
    int lastKey(int first, Request request) {
      int last = request.count() - 1;
      while (last >= first && !Words.equal(request, last, keyword)) {
        last--;
      }
      boolean isOther =
          first < request.count()
              && others.stream().anyMatch(other -> Words.equal(request, first, other));
      return isOther ? first - 1 : last - 1;
    }
  }

  /** Only the command knows. */
  record Unknown() implements Begin, Find {}

  /**
   * Adds the keys of a request.
   *
   * @return false if the request is too short, or its number of keys is none
   */
  boolean findKeys(Request request, KeyPositions keys) {
    int start = begin(request);
    if (start == ABSENT) {
      return true; // an option that this request does without
    }
    if (find instanceof Range range) {
      return addKeys(start, range.lastKey(start, request.count()), range.step(), request, keys);
    }
    if (find instanceof Until until) {
      return addKeys(start, until.lastKey(start, request), 1, request, keys);
    }
    if (find instanceof Count counted) {
      int count = number(request, start + counted.countAt());
      int first = start + counted.first();
      int last = first + (count - 1) * counted.step();
      return count >= 0 && addKeys(first, last, counted.step(), request, keys);
    }
    return true;
  }

  private boolean addKeys(int first, int last, int step, Request request, KeyPositions keys) {
    if (last >= request.count()) {
      return false;
    }
    for (int position = first; position <= last; position += step) {
      keys.add(position, this);
    }
    return true;
  }

  /** The only key of a request that has one, or -1; for the common case without a list. */
  int onlyKey() {
    return begin instanceof At at && find instanceof Range range && range.last() == 0
        ? at.position()
        : -1;
  }

  private int begin(Request request) {
    if (begin instanceof At at) {
      return at.position();
    }
    return begin instanceof After after ? behindKeyword(request, after) : ABSENT;
  }

  private static int behindKeyword(Request request, After after) {
    int count = request.count();
    boolean forward = after.startFrom() > 0;
    int position = forward ? after.startFrom() : count + after.startFrom();
    while (position >= 1 && position < count) {
      if (Words.equal(request, position, after.keyword())) {
        return position + 1;
      }
      position += forward ? 1 : -1;
    }
    return ABSENT;
  }

  /** A decimal number below a million, or -1. */
  private static int number(Request request, int argument) {
    if (argument >= request.count() || request.length(argument) > 6) {
      return -1;
    }
    int value = request.length(argument) == 0 ? -1 : 0;
    for (int i = 0; i < request.length(argument); i++) {
      int digit = request.byteAt(argument, i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = 10 * value + digit;
    }
    return value;
  }

  /** Reads {@code RW access update at 1 to -1 step 2} and its cousins. */
  static KeySpec parse(String line) {
    return new KeySpecReader(line).read();
  }
}
