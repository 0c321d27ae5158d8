package heartwood.server.keyspace;

/** What can be stored under a key; the code is written into directory rows and never changes. */
public enum KeyType {
  STRING(1, "string"),
  HASH(2, "hash"),
  LIST(3, "list"),
  SET(4, "set"),
  SORTED_SET(5, "zset"),
  STREAM(6, "stream");

  private static final KeyType[] BY_CODE = new KeyType[16];

  static {
    for (KeyType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final String redisName;

  KeyType(int code, String redisName) {
    this.code = code;
    this.redisName = redisName;
  }

  /** The name that TYPE replies and SCAN's TYPE option takes. */
  public String redisName() {
    return redisName;
  }

  int code() {
    return code;
  }

  static KeyType of(int code) {
    KeyType type = BY_CODE[code];
    if (type == null) {
      throw new IllegalStateException("type of a directory row: " + code + " (expected: 1..6)");
    }
    return type;
  }
}
