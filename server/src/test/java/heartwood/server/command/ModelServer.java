package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What some commands mean, said as simply as can be: maps of maps, and a clock. */
final class ModelServer implements Server {
  private static final String WRONG_TYPE =
      "-WRONGTYPE Operation against a key holding the wrong kind of value";

  /** A string, or a map of fields; an expiry, or 0. */
  private record Value(@Nullable String string, TreeMap<String, String> fields, long expiry) {
    Value(String string, long expiry) {
      this(string, new TreeMap<>(), expiry);
    }

    boolean isHash() {
      return string == null;
    }

    String text() {
      return String.valueOf(string);
    }

    Value expiringAt(long millis) {
      return new Value(string, fields, millis);
    }

    Value copy() {
      return new Value(string, new TreeMap<>(fields), expiry);
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
    keys.values().removeIf(value -> value.expiry != 0 && value.expiry <= stampMillis);
    return keys;
  }

  long keyCount() {
    long count = 0;
    for (int i = 0; i < databases.size(); i++) {
      count += keys(i).size();
    }
    return count;
  }

  long expiringCount() {
    return databases.stream()
        .flatMap(each -> each.values().stream())
        .filter(value -> value.expiry != 0)
        .count();
  }

  /** All keys of all databases at a stamp, as they can be looked at later. */
  final class Picture {
    private final List<Map<String, Value>> pictured = new ArrayList<>();
    final long takenMillis = stampMillis;

    private Picture() {
      for (int i = 0; i < databases.size(); i++) {
        Map<String, Value> copies = new HashMap<>();
        keys(i).forEach((key, value) -> copies.put(key, value.copy()));
        pictured.add(copies);
      }
    }

    /** Type, value and expiry of each key. */
    Map<String, String> texts(int ofDatabase) {
      Map<String, String> texts = new HashMap<>();
      pictured.get(ofDatabase).forEach((key, value) -> texts.put(key, text(value)));
      return texts;
    }

    private static String text(Value value) {
      String content =
          value.isHash() ? "hash " + value.fields.size() : "string " + quoted(value.text());
      return content + " " + (value.expiry == 0 ? -1 : value.expiry);
    }

    /** The value of a field, or nil. */
    String field(int ofDatabase, String key, String field) {
      Value value = pictured.get(ofDatabase).get(key);
      String content = value == null ? null : value.fields.get(field);
      return content == null ? "nil" : quoted(content);
    }

    /** Whether a key was there and its time is over by now. */
    boolean isOver(String key) {
      Value value = pictured.get(database).get(key);
      return value != null && value.expiry != 0 && value.expiry <= stampMillis;
    }

    /** What REWIND does to one key of the selected database. */
    void rewind(String key) {
      Value value = pictured.get(database).get(key);
      if (value == null) {
        keys(database).remove(key);
      } else if (!isOver(key)) {
        keys(database).put(key, value.copy());
      }
    }
  }

  Picture picture() {
    return new Picture();
  }

  /** Whether this model knows the command. */
  static boolean knows(byte[][] command) {
    return switch (text(command[0])) {
      case "GET", "APPEND", "STRLEN", "INCRBY", "DEL", "EXISTS", "TYPE", "PEXPIRE", "PTTL" -> true;
      case "PERSIST", "RENAME", "RENAMENX", "COPY", "MOVE", "SWAPDB", "FLUSHDB", "FLUSHALL" -> true;
      case "DBSIZE", "SELECT", "HSET", "HDEL", "HGETALL", "HLEN", "SETRANGE" -> true;
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
    Value hash = value == null ? new Value(null, new TreeMap<>(), 0) : value;
    keys.put(words[1], hash);
    long added = 0;
    for (int i = 2; i < words.length; i += 2) {
      added += hash.fields.put(words[i], words[i + 1]) == null ? 1 : 0;
    }
    return "" + added;
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
