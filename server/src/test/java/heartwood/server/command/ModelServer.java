package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What some commands mean, said as simply as can be: maps of maps, and a clock. */
final class ModelServer implements Server {
  private static final String WRONG_TYPE =
      "-WRONGTYPE Operation against a key holding the wrong kind of value";

  /** A string, or a map of fields and one of when some expire; an expiry, or 0. */
  private record Value(
      @Nullable String string,
      TreeMap<String, String> fields,
      Map<String, Long> fieldExpiries,
      long expiry) {
    Value(@Nullable String string, long expiry) {
      this(string, new TreeMap<>(), new TreeMap<>(), expiry);
    }

    /** Drops the fields that are due, and says whether that leaves nothing. */
    boolean isGone(long stampMillis) {
      fields
          .keySet()
          .removeIf(field -> fieldExpiries.getOrDefault(field, Long.MAX_VALUE) <= stampMillis);
      fieldExpiries.keySet().retainAll(fields.keySet());
      return (expiry != 0 && expiry <= stampMillis) || (isHash() && fields.isEmpty());
    }

    boolean isHash() {
      return string == null;
    }

    /** The number of fields; of a string, one that no hash has. */
    int hashSize() {
      return isHash() ? fields.size() : -1;
    }

    String text() {
      return String.valueOf(string);
    }

    Value expiringAt(long millis) {
      return new Value(string, fields, fieldExpiries, millis);
    }

    Value copy() {
      return new Value(string, new TreeMap<>(fields), new TreeMap<>(fieldExpiries), expiry);
    }
  }

  private List<Map<String, Value>> databases = new ArrayList<>();
  int database;
  long stampMillis;

  ModelServer() {
    for (int i = 0; i < 16; i++) {
      databases.add(new HashMap<>());
    }
  }

  /** Keys that exist in a database; the expired ones are dropped. */
  Map<String, Value> keys(int ofDatabase) {
    Map<String, Value> keys = databases.get(ofDatabase);
    keys.values().removeIf(value -> value.isGone(stampMillis));
    return keys;
  }

  long keyCount() {
    long count = 0;
    for (int i = 0; i < databases.size(); i++) {
      count += keys(i).size();
    }
    return count;
  }

  /** Keys that will be gone some day: by their own expiry or with their last field. */
  long expiringCount() {
    return values()
        .filter(value -> value.expiry != 0 || value.fieldExpiries.size() == value.hashSize())
        .count();
  }

  /** All keys of all databases at a stamp, as they can be looked at later. */
  final class Picture {
    private final List<Map<String, Value>> pictured = new ArrayList<>();
    final long stampMillis;

    private Picture(List<Map<String, Value>> shown, long stampMillis) {
      this.stampMillis = stampMillis;
      for (Map<String, Value> each : shown) {
        Map<String, Value> copies = new HashMap<>();
        each.forEach((key, value) -> copies.put(key, value.copy()));
        copies.values().removeIf(value -> value.isGone(stampMillis));
        pictured.add(copies);
      }
    }

    /** The same at a later time, if nothing was written until then. */
    Picture at(long laterMillis) {
      return new Picture(pictured, laterMillis);
    }

    /** Type, number of fields or value, and expiry of a key, as HISTORY tells it. */
    String outline(int ofDatabase, String key) {
      Value value = pictured.get(ofDatabase).get(key);
      if (value == null) {
        return "none nil -1";
      }
      String content =
          value.isHash() ? "hash " + value.fields.size() : "string " + quoted(value.text());
      return content + " " + (value.expiry == 0 ? -1 : value.expiry);
    }

    boolean has(int ofDatabase, String key) {
      return pictured.get(ofDatabase).containsKey(key);
    }

    /** All that there is to tell of each key. */
    Map<String, String> texts(int ofDatabase) {
      Map<String, String> texts = new HashMap<>();
      pictured.get(ofDatabase).forEach((key, value) -> texts.put(key, value.toString()));
      return texts;
    }

    /** The value of a field and its expiry, as HISTORY tells it. */
    String field(int ofDatabase, String key, String field) {
      Value value = pictured.get(ofDatabase).get(key);
      String content = value == null ? null : value.fields.get(field);
      if (value == null || content == null) {
        return "nil -1";
      }
      return quoted(content) + " " + value.fieldExpiries.getOrDefault(field, -1L);
    }

    /** What REWIND does to one key of the selected database, and what it says. */
    String rewind(String key) {
      Map<String, Value> present = keys(database);
      Value was = pictured.get(database).get(key);
      if (was == null) {
        return present.remove(key) == null ? "unchanged" : "deleted";
      }
      Value restored = was.copy();
      if (restored.isGone(ModelServer.this.stampMillis)) {
        return "expired";
      }
      return restored.equals(present.put(key, restored)) ? "unchanged" : "restored";
    }
  }

  Picture picture() {
    return new Picture(databases, stampMillis);
  }

  /** Hashes with fields that expire. */
  long fieldsExpiringCount() {
    return values().filter(value -> !value.fieldExpiries.isEmpty()).count();
  }

  long fieldCount() {
    return values().mapToLong(value -> value.fields.size()).sum();
  }

  long expiringFieldCount() {
    return values().mapToLong(value -> value.fieldExpiries.size()).sum();
  }

  private Stream<Value> values() {
    return databases.stream().flatMap(each -> each.values().stream());
  }

  /** Whether this model knows the command. */
  static boolean knows(byte[][] command) {
    return switch (text(command[0])) {
      case "GET", "APPEND", "STRLEN", "INCRBY", "DEL", "EXISTS", "TYPE", "PEXPIRE", "PTTL" -> true;
      case "PERSIST", "RENAME", "RENAMENX", "COPY", "MOVE", "SWAPDB", "FLUSHDB", "FLUSHALL" -> true;
      case "DBSIZE", "SELECT", "HSET", "HDEL", "HGETALL", "HLEN", "SETRANGE" -> true;
      case "HSETNX", "HMGET", "HINCRBY", "HPEXPIRE", "HPERSIST", "HPTTL" -> true;
      case "HSETEX", "HGETEX" -> true;
      case "SET" -> command.length == 3 || text(command[3]).equals("PX");
      case "KEYS" -> text(command[1]).equals("*");
      default -> false;
    };
  }

  @Override
  public Object call(byte[]... command) {
    String[] words = new String[command.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = text(command[i]);
    }
    Map<String, Value> keys = keys(database);
    String key = words.length > 1 ? words[1] : "";
    Value value = keys.get(key);
    return switch (words[0]) {
      case "SET" -> {
        long expiry = words.length == 5 ? stampMillis + Long.parseLong(words[4]) : 0;
        keys.put(key, new Value(words[2], expiry));
        yield "OK";
      }
      case "GET" -> value == null ? "nil" : value.isHash() ? WRONG_TYPE : quoted(value.text());
      case "STRLEN" -> value == null ? "0" : value.isHash() ? WRONG_TYPE : length(value);
      case "APPEND", "SETRANGE" -> overwrite(keys, words, value);
      case "INCRBY" -> incrby(keys, key, value, Long.parseLong(words[2]));
      case "DEL" -> {
        long deleted = 0;
        for (int i = 1; i < words.length; i++) {
          deleted += keys.remove(words[i]) == null ? 0 : 1;
        }
        yield Long.toString(deleted);
      }
      case "EXISTS" -> {
        long existing = 0;
        for (int i = 1; i < words.length; i++) {
          existing += keys.containsKey(words[i]) ? 1 : 0;
        }
        yield Long.toString(existing);
      }
      case "TYPE" -> value == null ? "none" : value.isHash() ? "hash" : "string";
      case "PEXPIRE" -> pexpire(keys, words, value);
      case "PTTL" ->
          value == null ? "-2" : value.expiry == 0 ? "-1" : "" + (value.expiry - stampMillis);
      case "PERSIST" -> {
        if (value == null || value.expiry == 0) {
          yield "0";
        }
        keys.put(key, value.expiringAt(0));
        yield "1";
      }
      case "RENAME", "RENAMENX" -> rename(keys, words, value);
      case "COPY" -> copy(words, value);
      case "MOVE" -> move(keys, words, value);
      case "SWAPDB" -> {
        int first = Integer.parseInt(words[1]);
        int second = Integer.parseInt(words[2]);
        Map<String, Value> swapped = databases.get(first);
        databases.set(first, databases.get(second));
        databases.set(second, swapped);
        yield "OK";
      }
      case "FLUSHDB" -> {
        keys.clear();
        yield "OK";
      }
      case "FLUSHALL" -> {
        databases.forEach(Map::clear);
        yield "OK";
      }
      case "DBSIZE" -> Long.toString(keys.size());
      case "KEYS" ->
          keys.keySet().stream().map(ModelServer::quoted).map(Object.class::cast).toList();
      case "SELECT" -> {
        database = Integer.parseInt(words[1]);
        yield "OK";
      }
      case "HSET" -> hset(keys, words, value);
      case "HDEL" -> hdel(keys, words, value);
      case "HLEN" -> value == null ? "0" : value.isHash() ? "" + value.fields.size() : WRONG_TYPE;
      case "HGETALL" -> hgetall(value);
      case "HSETNX", "HMGET", "HINCRBY", "HPEXPIRE", "HPERSIST", "HPTTL", "HSETEX", "HGETEX" ->
          value != null && !value.isHash() ? WRONG_TYPE : ofHash(keys, words, value);
      default -> throw new AssertionError(words[0].toLowerCase(Locale.ROOT));
    };
  }

  private static String length(Value value) {
    return Integer.toString(value.text().length());
  }

  private static Object overwrite(Map<String, Value> keys, String[] words, @Nullable Value value) {
    String present = value == null || value.isHash() ? "" : value.text();
    boolean isAppend = words[0].equals("APPEND");
    int position = isAppend ? present.length() : Integer.parseInt(words[2]);
    String bytes = words[isAppend ? 2 : 3];
    if (position < 0) {
      return "-ERR offset is out of range";
    }
    if (value != null && value.isHash()) {
      return WRONG_TYPE;
    }
    if (!isAppend && bytes.isEmpty()) {
      return "" + present.length();
    }
    StringBuilder changed = new StringBuilder(present);
    changed.setLength(Math.max(present.length(), position + bytes.length()));
    changed.replace(position, position + bytes.length(), bytes);
    keys.put(words[1], new Value(changed.toString(), value == null ? 0 : value.expiry));
    return "" + changed.length();
  }

  private static Object incrby(
      Map<String, Value> keys, String key, @Nullable Value value, long increment) {
    if (value != null && value.isHash()) {
      return WRONG_TYPE;
    }
    String text = value == null ? "0" : value.text();
    try {
      long present = Long.parseLong(text);
      if (!Long.toString(present).equals(text)) {
        throw new NumberFormatException();
      }
      String sum = "" + Math.addExact(present, increment);
      keys.put(key, new Value(sum, value == null ? 0 : value.expiry));
      return sum;
    } catch (NumberFormatException e) {
      return "-ERR value is not an integer or out of range";
    } catch (ArithmeticException e) {
      return "-ERR increment or decrement would overflow";
    }
  }

  private Object pexpire(Map<String, Value> keys, String[] words, @Nullable Value value) {
    if (value == null) {
      return "0";
    }
    long expiry = stampMillis + Long.parseLong(words[2]);
    boolean allowed =
        switch (words.length == 3 ? "" : words[3]) {
          case "NX" -> value.expiry == 0;
          case "XX" -> value.expiry != 0;
          case "GT" -> value.expiry != 0 && expiry > value.expiry;
          case "LT" -> value.expiry == 0 || expiry < value.expiry;
          default -> true;
        };
    if (allowed) {
      keys.put(words[1], value.expiringAt(expiry));
    }
    return allowed ? "1" : "0";
  }

  private static Object rename(Map<String, Value> keys, String[] words, @Nullable Value value) {
    if (value == null) {
      return "-ERR no such key";
    }
    if (words[0].equals("RENAMENX") && keys.containsKey(words[2])) {
      return "0";
    }
    keys.remove(words[1]);
    keys.put(words[2], value);
    return words[0].equals("RENAMENX") ? "1" : "OK";
  }

  private Object copy(String[] words, @Nullable Value value) {
    int target = words.length == 6 ? Integer.parseInt(words[5]) : database;
    if (target == database && words[1].equals(words[2])) {
      return "-ERR source and destination objects are the same";
    }
    if (value == null || (words.length == 3 && keys(target).containsKey(words[2]))) {
      return "0";
    }
    keys(target).put(words[2], value.copy());
    return "1";
  }

  private Object move(Map<String, Value> keys, String[] words, @Nullable Value value) {
    int target = Integer.parseInt(words[2]);
    if (target == database) {
      return "-ERR source and destination objects are the same";
    }
    if (value == null || keys(target).containsKey(words[1])) {
      return "0";
    }
    keys.remove(words[1]);
    keys(target).put(words[1], value);
    return "1";
  }

  private static Object hset(Map<String, Value> keys, String[] words, @Nullable Value value) {
    if (value != null && !value.isHash()) {
      return WRONG_TYPE;
    }
    Value hash = value == null ? new Value(null, 0) : value;
    keys.put(words[1], hash);
    long added = 0;
    for (int i = 2; i < words.length; i += 2) {
      added += hash.fields.put(words[i], words[i + 1]) == null ? 1 : 0;
      hash.fieldExpiries.remove(words[i]);
    }
    return "" + added;
  }

  private Object ofHash(Map<String, Value> keys, String[] words, @Nullable Value value) {
    Value hash = value == null ? new Value(null, 0) : value;
    Object reply =
        switch (words[0]) {
          case "HSETNX" -> hash.fields.putIfAbsent(words[2], words[3]) == null ? "1" : "0";
          case "HINCRBY" -> hincrby(hash, words[2], Long.parseLong(words[3]));
          case "HMGET" -> ofFields(words, 2, field -> quotedOrNil(hash.fields.get(field)));
          case "HPEXPIRE" -> {
            boolean isConditional = !words[3].equals("FIELDS");
            String condition = isConditional ? words[3] : "";
            long expiry = stampMillis + Long.parseLong(words[2]);
            yield ofFields(
                words, isConditional ? 6 : 5, field -> hpexpire(hash, field, expiry, condition));
          }
          case "HPERSIST" -> ofFields(words, 4, field -> hpersist(hash, field));
          case "HPTTL" -> ofFields(words, 4, field -> hpttl(hash, field));
          case "HSETEX" -> {
            hash.fields.put(words[6], words[7]);
            hash.fieldExpiries.put(words[6], stampMillis + Long.parseLong(words[3]));
            yield "1";
          }
          case "HGETEX" -> {
            if (hash.fields.containsKey(words[6])) {
              hash.fieldExpiries.put(words[6], stampMillis + Long.parseLong(words[3]));
            }
            yield List.of(quotedOrNil(hash.fields.get(words[6])));
          }
          default -> throw new AssertionError(words[0]);
        };
    if (hash.fields.isEmpty()) {
      keys.remove(words[1]);
    } else {
      keys.put(words[1], hash);
    }
    return reply;
  }

  private static List<Object> ofFields(String[] words, int first, Function<String, Object> reply) {
    return Arrays.stream(words).skip(first).map(reply).toList();
  }

  private static String hincrby(Value hash, String field, long increment) {
    String text = hash.fields.getOrDefault(field, "0");
    try {
      long present = Long.parseLong(text);
      if (!Long.toString(present).equals(text)) {
        throw new NumberFormatException();
      }
      String sum = "" + Math.addExact(present, increment);
      hash.fields.put(field, sum);
      return sum;
    } catch (NumberFormatException e) {
      return "-ERR hash value is not an integer";
    } catch (ArithmeticException e) {
      return "-ERR increment or decrement would overflow";
    }
  }

  private Object hpexpire(Value hash, String field, long expiry, String condition) {
    if (!hash.fields.containsKey(field)) {
      return "-2";
    }
    Long present = hash.fieldExpiries.get(field);
    boolean allowed =
        switch (condition) {
          case "NX" -> present == null;
          case "XX" -> present != null;
          case "GT" -> present != null && expiry > present;
          case "LT" -> present == null || expiry < present;
          default -> true;
        };
    if (!allowed) {
      return "0";
    }
    if (expiry <= stampMillis) {
      hash.fields.remove(field);
      hash.fieldExpiries.remove(field);
      return "2";
    }
    hash.fieldExpiries.put(field, expiry);
    return "1";
  }

  private static Object hpersist(Value hash, String field) {
    if (!hash.fields.containsKey(field)) {
      return "-2";
    }
    return hash.fieldExpiries.remove(field) == null ? "-1" : "1";
  }

  private Object hpttl(Value hash, String field) {
    if (!hash.fields.containsKey(field)) {
      return "-2";
    }
    Long expiry = hash.fieldExpiries.get(field);
    return expiry == null ? "-1" : "" + (expiry - stampMillis);
  }

  private static Object quotedOrNil(@Nullable String text) {
    return text == null ? "nil" : quoted(text);
  }

  private static Object hdel(Map<String, Value> keys, String[] words, @Nullable Value value) {
    if (value == null) {
      return "0";
    }
    if (!value.isHash()) {
      return WRONG_TYPE;
    }
    long removed = 0;
    for (int i = 2; i < words.length; i++) {
      removed += value.fields.remove(words[i]) == null ? 0 : 1;
      value.fieldExpiries.remove(words[i]);
    }
    if (value.fields.isEmpty()) {
      keys.remove(words[1]);
    }
    return "" + removed;
  }

  private static Object hgetall(@Nullable Value value) {
    if (value != null && !value.isHash()) {
      return WRONG_TYPE;
    }
    List<Object> reply = new ArrayList<>();
    if (value != null) {
      value.fields.forEach(
          (field, content) -> {
            reply.add(quoted(field));
            reply.add(quoted(content));
          });
    }
    return reply;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String quoted(String text) {
    return TreeSink.quoted(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {}
}
