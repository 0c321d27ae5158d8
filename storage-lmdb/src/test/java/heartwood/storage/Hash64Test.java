package heartwood.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Hash64Test {
  /** Logs and digests on disk hold these values. */
  @Test
  void theHashNeverChanges() {
    byte[] bytes = new byte[100];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7);
    }

    assertThat(Hash64.hash(0, new byte[0])).isEqualTo(0x3a0c63a90e2ff0d8L);
    assertThat(Hash64.hash(1, bytes, 3, 5)).isEqualTo(0x43637dbf90cf9e72L);
    assertThat(Hash64.hash(42, bytes)).isEqualTo(0x887d83e7b3a576a1L);
    assertThat(Hash64.mix(1, 2)).isEqualTo(0x34f20723feb7cd2bL);
    assertThat(Hash64.mix(2, 1)).isNotEqualTo(Hash64.mix(1, 2));
  }

  @Test
  void everyByteAndTheLengthCount() {
    for (int length = 0; length <= 50; length++) {
      Set<Long> hashes = new HashSet<>();
      hashes.add(Hash64.hash(0, new byte[length]));
      hashes.add(Hash64.hash(0, new byte[length + 1]));
      hashes.add(Hash64.hash(1, new byte[length]));
      for (int i = 0; i < length; i++) {
        byte[] changed = new byte[length];
        changed[i] = 1;
        hashes.add(Hash64.hash(0, changed));
      }
      assertThat(hashes).hasSize(3 + length);
    }
  }

  @Test
  void theRangeIsAllThatCounts() {
    byte[] bytes = {9, 1, 2, 3, 9};

    assertThat(Hash64.hash(5, bytes, 1, 3)).isEqualTo(Hash64.hash(5, new byte[] {1, 2, 3}));
  }
}
