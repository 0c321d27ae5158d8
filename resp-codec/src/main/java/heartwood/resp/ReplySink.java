package heartwood.resp;

import java.nio.ByteBuffer;

/**
 * Where a command writes its one reply, value by value, in the connection's protocol version.
 *
 * <p>Aggregates announce their size and are followed by that many values. A sink that speaks RESP2
 * writes what Redis writes there: maps as flat arrays, booleans as 0 and 1, doubles as bulk
 * strings, null as {@code $-1} or {@code *-1}. Not thread-safe: used by the one thread that
 * executes the command. Nothing that is passed in is kept after the call returns.
 *
 * <p>A sink never throws. It exists on one node and the command runs on all: a reply that does not
 * fit is dropped, and its owner closes the connection, but the command goes on.
 */
public interface ReplySink {
  RespVersion version();

  /** {@code +text}: ASCII without CR or LF. */
  void simpleString(String text);

  /** {@code -message}: begins with an upper-case code word; CR and LF become spaces. */
  void error(String message);

  void integer(long value);

  void bulk(byte[] value);

  void bulk(byte[] value, int offset, int length);

  /** Writes the bytes between position and limit; the buffer's position does not move. */
  void bulk(ByteBuffer value);

  /** A bulk string of the text's UTF-8 bytes. */
  void bulk(String value);

  /** The absent value: {@code $-1} in RESP2, {@code _} in RESP3. */
  void nullBulk();

  /** The absent array: {@code *-1} in RESP2, {@code _} in RESP3. */
  void nullArray();

  void array(int count);

  /** {@code 2 × pairCount} values follow: key, value, key, value. */
  void map(int pairCount);

  void set(int count);

  /** Out-of-band data (RESP3 "Push"); an array in RESP2. */
  void push(int count);

  void doubleValue(double value);

  void bool(boolean value);

  /** An integer beyond 64 bits, as decimal digits with an optional sign. */
  void bigNumber(String digits);

  /** Text with a three-letter format, {@code txt} or {@code mkd}; a bulk string in RESP2. */
  void verbatim(String format, String text);

  /** The place behind what was written so far, for {@link #rollback}. */
  long mark();

  /** Takes back all that was written since a mark, half-written aggregates included. */
  void rollback(long mark);

  default void ok() {
    simpleString("OK");
  }
}
