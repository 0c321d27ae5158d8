package heartwood.raft.message;

/** What an entry's payload means. The code stands on disk and on the wire. */
public enum EntryKind {
  /** A new leader's first entry: no payload (Raft §8). */
  NOOP(0),
  /** A payload of the state machine's own making. */
  COMMANDS(1),
  /** A {@link Configuration}. */
  CONFIGURATION(2);

  private static final EntryKind[] KINDS = values();

  private final byte code;

  EntryKind(int code) {
    this.code = (byte) code;
  }

  public byte code() {
    return code;
  }

  /** Throws {@link IllegalArgumentException} when no kind has the code. */
  public static EntryKind of(byte code) {
    if (code < 0 || code >= KINDS.length) {
      throw new IllegalArgumentException("entry kind: " + code + " (expected: 0..2)");
    }
    return KINDS[code];
  }
}
