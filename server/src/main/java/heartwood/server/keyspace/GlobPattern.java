package heartwood.server.keyspace;

/**
 * Redis' glob-style patterns over bytes: {@code *}, {@code ?}, {@code [a-c]}, {@code [^a]}, {@code
 * \} to take the next byte as it is. Immutable and thread-safe.
 *
 * <p>Only the last star seen is ever tried again: if the rest matches anywhere, it matches at some
 * later place of that star, so the earlier ones need not move. At most pattern × text steps; the
 * recursive form needs exponentially many for {@code *a*a*a*b}.
 */
public final class GlobPattern {
  private final byte[] pattern;
  private final boolean matchesAll;

  public GlobPattern(byte[] pattern) {
    this.pattern = pattern;
    this.matchesAll = pattern.length == 1 && pattern[0] == '*';
  }

  public boolean matches(byte[] text) {
    if (matchesAll) {
      return true;
    }
    int p = 0;
    int t = 0;
    int afterStar = -1;
    int starText = 0;
    while (true) {
      if (p < pattern.length && pattern[p] == '*') {
        afterStar = ++p;
        starText = t;
        continue;
      }
      if (t == text.length) {
        return p == pattern.length;
      }
      int next = p < pattern.length ? matchOne(p, text[t]) : -1;
      if (next >= 0) {
        p = next;
        t++;
      } else if (afterStar >= 0) {
        p = afterStar;
        t = ++starText;
      } else {
        return false;
      }
    }
  }

  /** Where the pattern goes on behind the element at {@code p}, or -1 if that is not the byte. */
  private int matchOne(int p, byte letter) {
    byte element = pattern[p];
    if (element == '?') {
      return p + 1;
    }
    if (element == '[') {
      return matchClass(p + 1, letter);
    }
    int literal = element == '\\' && p + 1 < pattern.length ? p + 1 : p;
    return pattern[literal] == letter ? literal + 1 : -1;
  }

  /** A class without its closing bracket ends with the pattern, as in Redis. */
  private int matchClass(int begin, byte letter) {
    int p = begin;
    boolean isNegated = p < pattern.length && pattern[p] == '^';
    if (isNegated) {
      p++;
    }
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        p++;
        found |= pattern[p] == letter;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        byte low = (byte) Math.min(pattern[p], pattern[p + 2]);
        byte high = (byte) Math.max(pattern[p], pattern[p + 2]);
        found |= low <= letter && letter <= high;
        p += 2;
      } else {
        found |= pattern[p] == letter;
      }
      p++;
    }
    return found == isNegated ? -1 : Math.min(p + 1, pattern.length);
  }
}
