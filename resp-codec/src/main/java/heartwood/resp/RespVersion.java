package heartwood.resp;

/** The protocol a connection speaks: RESP2 until {@code HELLO 3} asks for RESP3. */
public enum RespVersion {
  RESP2(2),
  RESP3(3);

  private final int number;

  RespVersion(int number) {
    this.number = number;
  }

  /** The number that HELLO takes and reports. */
  public int number() {
    return number;
  }
}
