package heartwood.server.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KeyLayoutTest {
  private static final int MAX_RAW_KEY_BYTES = 444;

  private final KeyLayout layout = new KeyLayout(secret());

  @Test
  void theBytesOfARawKeyStayAsTheyAre() {
    byte[] key = bytes("a\0b");

    byte[] raw = layout.directoryKey(7, key);

    assertThat(hex(raw))
        .isEqualTo("02" + "00000007" + "20bf" + "56d984989527c8d6" + "6100ff62" + "0000");
    assertThat(hex(KeyLayout.expiryKey(KeyLayout.EXPIRY, raw, 0x1122)))
        .isEqualTo("04000000070000000000001122" + hex(raw).substring(10));
    assertThat(
            KeyLayout.directoryKeyOf(
                ByteBuffer.wrap(KeyLayout.expiryKey(KeyLayout.EXPIRY, raw, 0x1122))))
        .isEqualTo(raw);
    assertThat(hex(KeyLayout.expiryKey(KeyLayout.FIELDS, raw, 0x1122)))
        .isEqualTo("06000000070000000000001122" + hex(raw).substring(10));
    assertThat(hex(KeyLayout.chunkKey(5, 6))).isEqualTo("0300000000000000050100000006");
    assertThat(hex(KeyLayout.deadKey(9, KeyLayout.DEAD_OBJECT, 5)))
        .isEqualTo("410000000000000009010000000000000005");
  }

  @Test
  void theRowOfAFieldsExpiryNamesTheFieldsRow() {
    for (String field : List.of("a\0b", "long".repeat(200))) {
      byte[] raw = layout.memberKey(5, KeyLayout.HASH_FIELD, bytes(field));

      byte[] expiryKey = KeyLayout.fieldExpiryKey(raw, 0x1122);

      assertThat(hex(expiryKey))
          .isEqualTo("0300000000000000050" + "30000000000001122" + hex(raw).substring(20));
      assertThat(KeyLayout.fieldKeyOf(expiryKey)).isEqualTo(raw);
      assertThat(expiryKey.length).isLessThanOrEqualTo(MAX_RAW_KEY_BYTES);
    }
  }

  @Test
  void noRawKeyIsTheBeginningOfAnother() {
    List<byte[]> keys = randomKeys();

    TreeMap<byte[], byte[]> sorted = new TreeMap<>(Arrays::compareUnsigned);
    for (byte[] key : keys) {
      byte[] former = sorted.put(tailOf(key), key);
      assertThat(former == null || Arrays.equals(former, key)).isTrue();
    }

    byte[] before = null;
    for (byte[] raw : sorted.keySet()) { // what begins with another follows it at once
      if (before != null) {
        assertThat(startsWith(raw, before)).isFalse();
      }
      before = raw;
    }
  }

  @Test
  void rawKeysSortAsTheBytesTheyHold() {
    List<byte[]> keys = randomKeys();
    Random random = new Random(2);

    for (int i = 0; i < 20_000; i++) {
      byte[] a = keys.get(random.nextInt(keys.size()));
      byte[] b = keys.get(random.nextInt(keys.size()));
      int mismatch = Arrays.mismatch(a, b);
      if (mismatch >= 0 && mismatch < KeyLayout.MAX_WHOLE_BYTES / 2) {
        assertThat(Integer.signum(Arrays.compareUnsigned(tailOf(a), tailOf(b))))
            .isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
      }
    }
  }

  @Test
  void whatIsWholeCanBeReadBack() {
    for (byte[] key : randomKeys()) {
      byte[] raw = layout.directoryKey(1, key);

      assertThat(raw.length).isLessThanOrEqualTo(MAX_RAW_KEY_BYTES);
      if (!KeyLayout.isHashed(raw.length, KeyLayout.DIRECTORY_HEAD)) {
        assertThat(KeyLayout.tail(ByteBuffer.wrap(raw), KeyLayout.DIRECTORY_HEAD)).isEqualTo(key);
      } else {
        assertThat(key.length + zeros(key)).isGreaterThan(KeyLayout.MAX_WHOLE_BYTES);
      }
    }
  }

  @Test
  void sipHashIsThatOfItsPaper() { // appendix A
    SipHash sipHash = new SipHash(secret());

    assertThat(sipHash.hash(new byte[0])).isEqualTo(0x726fdb47dd0e0e31L);
    assertThat(sipHash.hash(Arrays.copyOf(secret(), 15))).isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void slotsAreThoseOfRedisCluster() {
    assertThat(Slots.slotOf(bytes("123456789"))).isEqualTo(0x31c3);
    assertThat(Slots.slotOf(bytes("foo"))).isEqualTo(12182);
    assertThat(Slots.slotOf(bytes("{foo}bar"))).isEqualTo(12182);
    assertThat(Slots.slotOf(bytes("x{foo}y{bar}"))).isEqualTo(12182);
    assertThat(Slots.slotOf(bytes("{}foo"))).isNotEqualTo(12182);
    assertThat(Slots.slotOf(bytes("{foo"))).isNotEqualTo(12182);
  }

  /** Lengths around the limit, zeros in all places, many common beginnings. */
  private static List<byte[]> randomKeys() {
    Random random = new Random(1);
    List<byte[]> keys = new ArrayList<>();
    byte[] alphabet = {0, 1, 'a', (byte) 0xff};
    for (int i = 0; i < 3_000; i++) {
      int length = i % 3 == 0 ? random.nextInt(5) : i % 3 == 1 ? 395 + random.nextInt(25) : 200;
      byte[] key = new byte[length + random.nextInt(3)];
      Arrays.fill(key, alphabet[random.nextInt(4)]);
      for (int change = random.nextInt(4); change > 0 && key.length > 0; change--) {
        key[random.nextInt(key.length)] = alphabet[random.nextInt(4)];
      }
      keys.add(key);
    }
    return keys;
  }

  private byte[] tailOf(byte[] key) {
    byte[] raw = layout.directoryKey(1, key);
    return Arrays.copyOfRange(raw, KeyLayout.DIRECTORY_HEAD, raw.length);
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static int zeros(byte[] bytes) {
    int zeros = 0;
    for (byte each : bytes) {
      zeros += each == 0 ? 1 : 0;
    }
    return zeros;
  }

  private static byte[] secret() {
    byte[] secret = new byte[16];
    for (int i = 0; i < secret.length; i++) {
      secret[i] = (byte) i;
    }
    return secret;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
