package heartwood.server.command;

import heartwood.resp.Request;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds a command by a word of a request, in any case and without making a string. Open addressing,
 * a quarter full at most, so that nearly every search ends at its first slot. Filled by one thread,
 * then read by any.
 */
final class WordIndex {
  private String[] words = new String[16];
  private CommandSpec[] specs = new CommandSpec[16];
  private int count;

  void put(String word, CommandSpec spec) {
    if (4 * (count + 1) > words.length) {
      grow();
    }
    int slot = Words.hash(word) & (words.length - 1);
    while (specs[slot] != null) {
      slot = (slot + 1) & (words.length - 1);
    }
    words[slot] = word;
    specs[slot] = spec;
    count++;
  }

  @Nullable CommandSpec find(Request request, int argument) {
    int slot = Words.hash(request, argument) & (words.length - 1);
    while (specs[slot] != null) {
      if (Words.equal(request, argument, words[slot])) {
        return specs[slot];
      }
      slot = (slot + 1) & (words.length - 1);
    }
    return null;
  }

  private void grow() {
    String[] oldWords = words;
    CommandSpec[] oldSpecs = specs;
    words = new String[2 * oldWords.length];
    specs = Arrays.copyOf(new CommandSpec[0], words.length);
    count = 0;
    for (int i = 0; i < oldWords.length; i++) {
      if (oldSpecs[i] != null) {
        put(oldWords[i], oldSpecs[i]);
      }
    }
  }
}
