package heartwood.server.replication;

import heartwood.server.command.Moment;
import java.nio.charset.StandardCharsets;

/**
 * The moment of a read, as it stands before its command in a batch. Big endian. Stateless.
 *
 * <pre>
 *   now       0(1)
 *   time      1(1) milliseconds since 1970(8)
 *   revision  2(1) revision(8)
 *   pin       3(1) length(4) name
 *   resolved  4(1) revision(8) milliseconds since 1970(8)
 *   of        5(1) revision(8) incarnation of the cluster(8)
 * </pre>
 *
 * A time ago is none of them: it was made a time by the node that took the command.
 */
final class MomentFormat {
  private static final byte NOW = 0;
  private static final byte TIME = 1;
  private static final byte REVISION = 2;
  private static final byte PIN = 3;
  private static final byte RESOLVED = 4;
  private static final byte REVISION_OF = 5;

  private MomentFormat() {}

  static byte[] encode(Moment moment) {
    if (moment instanceof Moment.Time time) {
      return withLongs(TIME, time.millis());
    } else if (moment instanceof Moment.Revision asked) {
      return asked.isOfAny()
          ? withLongs(REVISION, asked.revision())
          : withLongs(REVISION_OF, asked.revision(), asked.incarnation());
    } else if (moment instanceof Moment.Resolved resolved) {
      return withLongs(RESOLVED, resolved.revision(), resolved.millis());
    } else if (moment instanceof Moment.Pin pin) {
      byte[] name = pin.name().getBytes(StandardCharsets.UTF_8);
      byte[] bytes = new byte[5 + name.length];
      bytes[0] = PIN;
      Bytes.putInt(bytes, 1, name.length);
      System.arraycopy(name, 0, bytes, 5, name.length);
      return bytes;
    } else if (moment instanceof Moment.Now) {
      return new byte[] {NOW};
    }
    throw new IllegalArgumentException(moment + ": was not made a time");
  }

  private static byte[] withLongs(byte kind, long... values) {
    byte[] bytes = new byte[1 + 8 * values.length];
    bytes[0] = kind;
    for (int i = 0; i < values.length; i++) {
      Bytes.putLong(bytes, 1 + 8 * i, values[i]);
    }
    return bytes;
  }

  static Moment decode(byte[] source, int offset) {
    return switch (source[offset]) {
      case NOW -> new Moment.Now();
      case TIME -> new Moment.Time(Bytes.getLong(source, offset + 1));
      case REVISION -> new Moment.Revision(Bytes.getLong(source, offset + 1));
      case PIN ->
          new Moment.Pin(
              new String(
                  source, offset + 5, Bytes.getInt(source, offset + 1), StandardCharsets.UTF_8));
      case RESOLVED ->
          new Moment.Resolved(Bytes.getLong(source, offset + 1), Bytes.getLong(source, offset + 9));
      case REVISION_OF ->
          new Moment.Revision(Bytes.getLong(source, offset + 1), Bytes.getLong(source, offset + 9));
      default -> throw new IllegalArgumentException("moment kind: " + source[offset]);
    };
  }

  /** The offset behind a moment. */
  static int end(byte[] source, int offset) {
    return switch (source[offset]) {
      case NOW -> offset + 1;
      case TIME, REVISION -> offset + 9;
      case PIN -> offset + 5 + Bytes.getInt(source, offset + 1);
      case RESOLVED, REVISION_OF -> offset + 17;
      default -> throw new IllegalArgumentException("moment kind: " + source[offset]);
    };
  }
}
