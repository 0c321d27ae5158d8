package heartwood.server.keyspace;

/** Why the past of a key begins later than that of others. */
public enum FloorReason {
  /** TIMELINE PURGE removed it. */
  PURGED(0),
  /** The key had more versions than are kept. */
  TRIMMED(1),
  /** Keys of such names are not remembered; stands in no row. */
  EXCLUDED(2);

  private final byte code;

  FloorReason(int code) {
    this.code = (byte) code;
  }

  /** As it stands in a row. */
  byte code() {
    return code;
  }

  static FloorReason of(byte code) {
    return switch (code) {
      case 0 -> PURGED;
      case 1 -> TRIMMED;
      default -> throw new IllegalStateException("reason of a floor: " + code);
    };
  }
}
