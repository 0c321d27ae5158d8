package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import java.nio.ByteBuffer;

/**
 * One client's request: what it asks for, and what it was told. Confined to the simulation.
 *
 * <p>Invariant: a node answers at most once.
 */
final class RegisterOperation {
  enum Kind {
    WRITE(0),
    INCREMENT(1),
    READ(2);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }
  }

  private static final int HEADER_BYTES = 13;
  private static final Kind[] KINDS = Kind.values();

  final long id;
  final Kind kind;
  final int key;

  /** Highest index that any client had seen the effect of when this one asked. */
  final long floorIndex;

  private boolean isAnswered;

  RegisterOperation(long id, Kind kind, int key, long floorIndex) {
    this.id = id;
    this.kind = kind;
    this.key = key;
    this.floorIndex = floorIndex;
  }

  byte[] payload(int fillerBytes) {
    return ByteBuffer.allocate(HEADER_BYTES + fillerBytes)
        .put(kind.code)
        .putInt(key)
        .putLong(id)
        .array();
  }

  static Kind kindOf(byte[] payload) {
    return KINDS[payload[0]];
  }

  static int keyOf(byte[] payload) {
    return ByteBuffer.wrap(payload).getInt(1);
  }

  static long idOf(byte[] payload) {
    return ByteBuffer.wrap(payload).getLong(5);
  }

  void answer() {
    require(!isAnswered, () -> this + " is answered once");
    isAnswered = true;
  }

  boolean isAnswered() {
    return isAnswered;
  }

  @Override
  public String toString() {
    return "op" + id + " " + kind + " key" + key;
  }
}
