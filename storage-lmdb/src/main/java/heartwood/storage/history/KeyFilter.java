package heartwood.storage.history;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Tells of most keys that a run does not have them (a Bloom filter in blocks of a cache line, so
 * that a question costs one access to memory; Putze, Sanders, Singler: "Cache-, Hash- and
 * Space-Efficient Bloom Filters", 2007). Ten bits a key: about one wrong yes in fifty.
 *
 * <p>Immutable once filled.
 */
final class KeyFilter {
  private static final int BITS_PER_KEY = 10;
  private static final int WORDS_PER_LINE = 8;
  private static final int PROBES = 6;

  /** Of a run that has no filter yet: it may hold everything. */
  static final KeyFilter EVERYTHING = everything();

  private final long[] words;

  /** A filter for so many different keys. */
  KeyFilter(long keyCount) {
    long lines = Math.max(1, (keyCount * BITS_PER_KEY + 511) / 512);
    this.words = new long[Math.toIntExact(lines * WORDS_PER_LINE)];
  }

  private KeyFilter(long[] words) {
    this.words = words;
  }

  private static KeyFilter everything() {
    long[] words = new long[WORDS_PER_LINE];
    Arrays.fill(words, -1);
    return new KeyFilter(words);
  }

  void add(long keyHash) {
    int line = line(keyHash);
    long bits = keyHash;
    for (int i = 0; i < PROBES; i++) {
      words[line + (int) (bits >>> 6 & 7)] |= 1L << (bits & 63);
      bits >>>= 9;
    }
  }

  boolean mayHold(long keyHash) {
    int line = line(keyHash);
    long bits = keyHash;
    for (int i = 0; i < PROBES; i++) {
      if ((words[line + (int) (bits >>> 6 & 7)] & 1L << (bits & 63)) == 0) {
        return false;
      }
      bits >>>= 9;
    }
    return true;
  }

  /** Chosen by bits that the probes hardly use: the upper 32, spread over the lines. */
  private int line(long keyHash) {
    long lineCount = words.length / WORDS_PER_LINE;
    long spread = (keyHash * 0x9e3779b97f4a7c15L) >>> 32;
    return (int) ((spread * lineCount) >>> 32) * WORDS_PER_LINE;
  }

  int byteCount() {
    return words.length * 8;
  }

  /** Writes the bytes {@code from} to the end of the buffer. */
  void copyTo(int from, ByteBuffer target) {
    for (int i = from / 8; target.hasRemaining(); i++) {
      target.putLong(words[i]);
    }
  }

  /** Reads what {@link #copyTo} wrote, put together. */
  static KeyFilter of(ByteBuffer bytes) {
    long[] words = new long[bytes.remaining() / 8];
    bytes.asLongBuffer().get(words);
    return new KeyFilter(words);
  }
}
