package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Commands drawn from a seed, over few keys, fields and values, so that they meet each other. */
final class RandomCommands {
  private static final String[] EDGES = {
    "", "0", "-1", "5", "10", "3.5", "abc", "9223372036854775807", "-9223372036854775808", " 1",
  };

  final Random random;

  RandomCommands(long seed) {
    random = new Random(seed);
  }

  /** Commands whose reply does not depend on a clock or on chance. */
  byte[][] timeless() {
    return bytes(
        switch (random.nextInt(52)) {
          case 0, 1, 2 -> line("SET", key(), value());
          case 3 -> line("SET", key(), value(), oneOf("NX", "XX", "GET", "KEEPTTL"));
          case 4 -> line("SET", key(), value(), oneOf("NX", "XX"), "GET", "PXAT", farTime());
          case 5, 6 -> line("GET", key());
          case 7 -> line("GETSET", key(), value());
          case 8 -> line("GETDEL", key());
          case 9 -> line("GETEX", key(), oneOf("PERSIST", "PXAT"), farTime());
          case 10 -> line("MSET", key(), value(), key(), value());
          case 11 -> line("MSETNX", key(), value(), key(), value());
          case 12 -> line("MGET", key(), key(), key());
          case 13 -> line(oneOf("INCR", "DECR"), key());
          case 14 -> line(oneOf("INCRBY", "DECRBY"), key(), number());
          case 15 -> line("INCRBYFLOAT", key(), decimal());
          case 16, 17 -> line("APPEND", key(), value());
          case 18 -> line("STRLEN", key());
          case 19 -> line("GETRANGE", key(), position(), position());
          case 20, 21 -> line("SETRANGE", key(), position(), value());
          case 22 -> line("DEL", key(), key());
          case 23 -> line("EXISTS", key(), key());
          case 24 -> line("TYPE", key());
          case 25 -> line("PEXPIREAT", key(), farTime());
          case 26 -> line("PEXPIREAT", key(), farTime(), oneOf("NX", "XX", "GT", "LT"));
          case 27 -> line("EXPIREAT", key(), oneOf("0", "-5", "1000", "33177117420"));
          case 28 -> line("PEXPIRETIME", key());
          case 29 -> line("PERSIST", key());
          case 30 -> line("RENAME", key(), key());
          case 31 -> line("RENAMENX", key(), key());
          case 32 -> line("COPY", key(), key());
          case 33 -> line("COPY", key(), key(), "REPLACE", "DB", database());
          case 34 -> line("MOVE", key(), database());
          case 35 -> line("SWAPDB", database(), database());
          case 36 -> random.nextInt(4) == 0 ? line(oneOf("FLUSHDB", "FLUSHALL")) : line("DBSIZE");
          case 37 -> line("SELECT", database());
          case 38 -> line("KEYS", oneOf("*", "k*", "*1", "k[0-3]", "?"));
          case 39 -> line("SCAN", "0", "COUNT", "1000", "TYPE", oneOf("string", "hash"));
          case 40, 41, 42 -> line("HSET", key(), field(), value(), field(), value());
          case 43 -> line("HSETNX", key(), field(), value());
          case 44 -> line("HDEL", key(), field(), field());
          case 45 -> line("HGETALL", key());
          case 46 -> line("HMGET", key(), field(), field());
          case 47 -> line("HLEN", key());
          case 48 -> line("HSTRLEN", key(), field());
          case 49 -> line("HINCRBY", key(), field(), number());
          case 50 -> line("HINCRBYFLOAT", key(), field(), decimal());
          default -> line("HSCAN", key(), "0", "COUNT", "1000", "MATCH", oneOf("*", "f?", "*x*"));
        });
  }

  /** Commands whose reply depends on the stamp. */
  byte[][] timed() {
    return bytes(
        switch (random.nextInt(14)) {
          case 0 -> line("SET", key(), value(), "PX", soon());
          case 1 -> line("PEXPIRE", key(), soon());
          case 2 -> line("PEXPIRE", key(), soon(), oneOf("NX", "XX", "GT", "LT"));
          case 3 -> line("PTTL", key());
          case 4 -> line("GETEX", key(), "PX", soon());
          case 5, 6 -> line("HPEXPIRE", key(), soon(), "FIELDS", "2", field(), field());
          case 7 ->
              line(
                  "HPEXPIRE", key(), soon(), oneOf("NX", "XX", "GT", "LT"), "FIELDS", "1", field());
          case 8 -> line("HPEXPIRE", key(), "0", "FIELDS", "2", field(), field());
          case 9 -> line("HPERSIST", key(), "FIELDS", "2", field(), field());
          case 10 -> line("HPTTL", key(), "FIELDS", "2", field(), field());
          case 11 -> line("HSETEX", key(), "PX", soon(), "FIELDS", "1", field(), value());
          case 12 -> line("HGETEX", key(), "PX", soon(), "FIELDS", "1", field());
          default -> line("DBSIZE");
        });
  }

  private static String[] line(String... words) {
    return words;
  }

  private static byte[][] bytes(String[] words) {
    return Arrays.stream(words)
        .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
        .toArray(byte[][]::new);
  }

  private String oneOf(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String key() {
    int number = random.nextInt(9);
    return number == 8 ? "long\0" + "k".repeat(500 + random.nextInt(2)) : "k" + number;
  }

  private String field() {
    int number = random.nextInt(7);
    return number == 6 ? "x".repeat(450) + "\0" : "f" + number;
  }

  private String value() {
    int size = random.nextInt(12);
    if (size < 6) {
      return oneOf(EDGES);
    }
    int length = size < 9 ? random.nextInt(70) : size < 11 ? 1100 : random.nextInt(13_000);
    return Character.toString('a' + random.nextInt(26)).repeat(length);
  }

  private String number() {
    return Integer.toString(random.nextInt(200) - 100);
  }

  private String decimal() {
    return oneOf("0.1", "-2.5", "1e3", "3", "1e-7", "100.25", "0.30000000000000004");
  }

  private String position() {
    return Integer.toString(random.nextInt(random.nextBoolean() ? 20 : 12_000) - 5);
  }

  private String database() {
    return random.nextInt(3) == 0 ? "1" : "0";
  }

  private String farTime() {
    return oneOf("33177117420000", "33177117420001", "33177117429999");
  }

  private String soon() {
    return Integer.toString(1 + random.nextInt(50));
  }
}
