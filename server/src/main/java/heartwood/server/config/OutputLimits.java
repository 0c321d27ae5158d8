package heartwood.server.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How many bytes of replies may wait for a client, by class of client: above the hard limit it is
 * cut off at once, above the soft limit after some seconds. Every client here is a normal one; the
 * other classes are taken for the sake of files that name them. Immutable.
 */
public final class OutputLimits {
  private static final int WORDS_PER_CLASS = 4;

  /** The classes that Redis distinguishes. */
  public enum ClientClass {
    NORMAL,
    SLAVE,
    PUBSUB
  }

  /** Bytes, bytes, seconds; 0 means no limit. */
  public record Limit(long hardBytes, long softBytes, long softSeconds) {
    public boolean isNone() {
      return hardBytes == 0 && softBytes == 0;
    }

    public boolean isOverHard(long bytes) {
      return hardBytes > 0 && bytes > hardBytes;
    }

    public boolean isOverSoft(long bytes) {
      return softBytes > 0 && bytes > softBytes;
    }
  }

  private final Map<ClientClass, Limit> limits;

  private OutputLimits(Map<ClientClass, Limit> limits) {
    this.limits = limits;
  }

  static OutputLimits parse(List<String> words) throws ConfigException {
    if (words.isEmpty() || words.size() % WORDS_PER_CLASS != 0) {
      throw new ConfigException("Wrong number of arguments in buffer limit configuration.");
    }
    Map<ClientClass, Limit> limits = new EnumMap<>(ClientClass.class);
    for (int i = 0; i < words.size(); i += WORDS_PER_CLASS) {
      long hardBytes = ValueType.memoryValue(words.get(i + 1));
      long softBytes = ValueType.memoryValue(words.get(i + 2));
      long seconds = ValueType.requireLong(words.get(i + 3), 0, Integer.MAX_VALUE);
      limits.put(clientClass(words.get(i)), new Limit(hardBytes, softBytes, seconds));
    }
    return new OutputLimits(limits);
  }

  private static ClientClass clientClass(String word) throws ConfigException {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "normal" -> ClientClass.NORMAL;
      case "slave", "replica" -> ClientClass.SLAVE;
      case "pubsub" -> ClientClass.PUBSUB;
      default ->
          throw new ConfigException(
              "Invalid client class specified in buffer limit configuration.");
    };
  }

  /** These limits, but the other's for the classes that it names. */
  OutputLimits with(OutputLimits other) {
    Map<ClientClass, Limit> merged = new EnumMap<>(limits);
    merged.putAll(other.limits);
    return new OutputLimits(merged);
  }

  public Limit of(ClientClass clientClass) {
    return limits.getOrDefault(clientClass, new Limit(0, 0, 0));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutputLimits that && limits.equals(that.limits);
  }

  @Override
  public int hashCode() {
    return limits.hashCode();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    limits.forEach(
        (clientClass, limit) -> {
          text.append(text.isEmpty() ? "" : " ");
          text.append(clientClass.name().toLowerCase(Locale.ROOT));
          text.append(' ').append(limit.hardBytes());
          text.append(' ').append(limit.softBytes());
          text.append(' ').append(limit.softSeconds());
        });
    return text.toString();
  }
}
