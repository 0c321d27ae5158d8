package heartwood.server.command;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads a key spec from a command file: flags, then where to begin, then how to go on.
 *
 * <pre>
 *   RO access at 1                              argument 1
 *   RM delete at 1 to -1                        from argument 1 to the last
 *   OW update at 1 to -1 step 2                 every second one
 *   RO access at 1 count-at 0 first 1 step 1    argument 1 says how many follow
 *   RO access after STREAMS from 1 to -1 limit 2
 *   RW update at 1 until TO unless DB           up to a word; none in a form that begins with DB
 *   OW update unknown
 * </pre>
 */
final class KeySpecReader {
  private final String line;
  private final String[] words;
  private int next;

  KeySpecReader(String line) {
    this.line = line;
    this.words = line.trim().split(" +", -1);
  }

  KeySpec read() {
    List<String> flags = new ArrayList<>();
    while (next < words.length && !isBegin(words[next])) {
      flags.add(words[next++]);
    }
    String begin = word();
    if (begin.equals("unknown")) {
      return new KeySpec(List.copyOf(flags), new KeySpec.Unknown(), new KeySpec.Unknown());
    }
    KeySpec.Begin where =
        begin.equals("at")
            ? new KeySpec.At(number())
            : new KeySpec.After(word(), option("from", 1));
    KeySpec.Find find;
    if (next < words.length && words[next].equals("until")) {
      next++;
      find = new KeySpec.Until(word(), others());
    } else if (next < words.length && words[next].equals("count-at")) {
      find = new KeySpec.Count(option("count-at", 0), option("first", 1), option("step", 1));
    } else {
      find = new KeySpec.Range(option("to", 0), option("step", 1), option("limit", 0));
    }
    if (next < words.length) {
      throw new IllegalArgumentException("key spec: unexpected '" + words[next] + "' in: " + line);
    }
    return new KeySpec(List.copyOf(flags), where, find);
  }

  private List<String> others() {
    List<String> others = new ArrayList<>();
    if (next < words.length && words[next].equals("unless")) {
      next++;
      while (next < words.length) {
        others.add(word());
      }
    }
    return List.copyOf(others);
  }

  private static boolean isBegin(String word) {
    return word.equals("at") || word.equals("after") || word.equals("unknown");
  }

  private int option(String name, int otherwise) {
    if (next < words.length && words[next].equals(name)) {
      next++;
      return number();
    }
    return otherwise;
  }

  private int number() {
    return Integer.parseInt(word());
  }

  private String word() {
    if (next == words.length) {
      throw new IllegalArgumentException("key spec: ends too soon: " + line);
    }
    return words[next++];
  }
}
