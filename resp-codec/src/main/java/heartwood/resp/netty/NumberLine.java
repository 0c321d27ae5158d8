package heartwood.resp.netty;

import heartwood.resp.ProtocolException;
import io.netty.buffer.ByteBuf;

/**
 * A line that holds a number, the most frequent thing in the protocol: {@code *3}, {@code $5},
 * {@code :1000}. Stateless.
 *
 * <p>A short line fits a register, so it is read and written by one access to the buffer instead of
 * one, with its bounds check, for each byte:
 *
 * <pre>
 *   byte   0   1   2   3   4   5   6   7        as a little-endian long, byte 0 is the lowest
 *        +---+---+---+---+---+---+---+---+
 *        | $ | 1 | 2 | CR| LF| the bytes that follow: read along, ignored
 *        +---+---+---+---+---+---+---+---+
 * </pre>
 */
final class NumberLine {
  static final int CRLF = '\r' | '\n' << 8; // little-endian

  /**
   * The bytes that {@link #decodeShort} wants to see and {@link #encode} wants to have room for.
   */
  static final int WORD_BYTES = Long.BYTES;

  private static final long EVERY_BYTE = 0x0101010101010101L;
  private static final long EVERY_CR = EVERY_BYTE * '\r';
  private static final long EVERY_TOP_BIT = EVERY_BYTE << 7;

  private static final int LENGTH_BITS = 4;
  private static final int NOT_SHORT = -1;

  private NumberLine() {}

  // ---- Reading.

  /**
   * Reads a line of one prefix and one to five digits from its first eight bytes. Packs value and
   * line length, or is negative when the line is something else: longer, signed, wrong.
   */
  static int decodeShort(long word) {
    long difference = word ^ EVERY_CR; // a byte that was CR is now 0
    long topBits = (difference - EVERY_BYTE) & ~difference & EVERY_TOP_BIT;
    int carriageReturn = Long.numberOfTrailingZeros(topBits) >>> 3; // 8 when there is none
    if (carriageReturn < 2 || carriageReturn > 6) {
      return NOT_SHORT;
    }
    int value = digitAt(word, 1);
    if (value < 0 || value > 9 || (value == 0 && carriageReturn > 2)) {
      return NOT_SHORT;
    }
    for (int i = 2; i < carriageReturn; i++) {
      int digit = digitAt(word, i);
      if (digit < 0 || digit > 9) {
        return NOT_SHORT;
      }
      value = value * 10 + digit;
    }
    return value << LENGTH_BITS | carriageReturn + 2;
  }

  private static int digitAt(long word, int position) {
    return (int) (word >>> (position << 3) & 0xFF) - '0';
  }

  static int value(int shortLine) {
    return shortLine >> LENGTH_BITS;
  }

  /** The length in bytes of the whole line, CR and LF included. */
  static int length(int shortLine) {
    return shortLine & (1 << LENGTH_BITS) - 1;
  }

  /**
   * Reads the decimal number that fills {@code [from, to)} of the buffer, as Redis does: no plus
   * sign, no leading zero, no minus zero.
   *
   * @throws ProtocolException with the given fault if it is none, or does not fit 64 bits
   */
  static long parse(ByteBuf in, int from, int to, String fault) {
    int position = from;
    boolean isNegative = position < to && in.getByte(position) == '-';
    if (isNegative) {
      position++;
    }
    int digitCount = to - position;
    if (digitCount < 1 || digitCount > 19) {
      throw new ProtocolException(fault);
    }
    if (in.getByte(position) == '0' && (digitCount > 1 || isNegative)) {
      throw new ProtocolException(fault);
    }
    long negated = 0; // the negative numbers reach one further than the positive ones
    for (; position < to; position++) {
      int digit = in.getByte(position) - '0';
      if (digit < 0 || digit > 9) {
        throw new ProtocolException(fault);
      }
      negated = negated * 10 - digit;
      if (negated > 0) { // only the 19th digit can overflow, and by less than a whole turn
        throw new ProtocolException(fault);
      }
    }
    if (!isNegative && negated == Long.MIN_VALUE) {
      throw new ProtocolException(fault);
    }
    return isNegative ? negated : -negated;
  }

  // ---- Writing.

  static void encode(ByteBuf out, char prefix, long value) {
    if (value >= 0 && value < 100_000) {
      encodeShort(out, prefix, (int) value);
    } else {
      encodeLong(out, prefix, value);
    }
  }

  private static void encodeShort(ByteBuf out, char prefix, int value) {
    long word = CRLF;
    int length = 3;
    int rest = value;
    do {
      int quotient = rest / 10;
      word = word << 8 | '0' + (rest - quotient * 10);
      length++;
      rest = quotient;
    } while (rest != 0);
    word = word << 8 | prefix;
    out.ensureWritable(WORD_BYTES);
    int start = out.writerIndex();
    out.setLongLE(start, word);
    out.writerIndex(start + length);
  }

  private static void encodeLong(ByteBuf out, char prefix, long value) {
    byte[] line = new byte[23]; // prefix, sign, 19 digits, CR, LF
    int position = line.length;
    line[--position] = '\n';
    line[--position] = '\r';
    long rest = value > 0 ? -value : value;
    do {
      long quotient = rest / 10;
      line[--position] = (byte) ('0' + (quotient * 10 - rest));
      rest = quotient;
    } while (rest != 0);
    if (value < 0) {
      line[--position] = '-';
    }
    line[--position] = (byte) prefix;
    out.writeBytes(line, position, line.length - position);
  }
}
