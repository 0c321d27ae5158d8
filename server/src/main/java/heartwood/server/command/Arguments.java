package heartwood.server.command;

import heartwood.resp.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A command's name and arguments as slices of one byte array: the very bytes that stand in the log
 * entry. Reusable and not thread-safe; what {@link #slice} returns shares the array.
 *
 * <pre>
 *   varint count | count × varint length | the arguments' bytes, one after the other
 * </pre>
 *
 * A varint has seven bits a byte, the least significant first, the high bit on all but the last.
 */
public final class Arguments implements Request {
  private static final int MAX_VARINT_BYTES = 5;

  private byte[] bytes = new byte[0];
  private int count;
  private int[] offsets = new int[8];
  private int end;

  /** An upper bound of the bytes that a request takes in this format. */
  public static long maxEncodedBytes(Request request) {
    long size = MAX_VARINT_BYTES * (request.count() + 1L);
    for (int i = 0; i < request.count(); i++) {
      size += request.length(i);
    }
    return size;
  }

  /** Writes a request at an offset and returns the offset behind it. */
  public static int encode(Request request, byte[] target, int offset) {
    int count = request.count();
    int position = putVarint(target, offset, count);
    for (int i = 0; i < count; i++) {
      position = putVarint(target, position, request.length(i));
    }
    for (int i = 0; i < count; i++) {
      request.copyTo(i, target, position);
      position += request.length(i);
    }
    return position;
  }

  /** The arguments of a command made here rather than read from a client. */
  public static Arguments of(byte[]... arguments) {
    int size = MAX_VARINT_BYTES * (arguments.length + 1);
    for (byte[] argument : arguments) {
      size += argument.length;
    }
    byte[] target = new byte[size];
    int position = putVarint(target, 0, arguments.length);
    for (byte[] argument : arguments) {
      position = putVarint(target, position, argument.length);
    }
    for (byte[] argument : arguments) {
      System.arraycopy(argument, 0, target, position, argument.length);
      position += argument.length;
    }
    Arguments result = new Arguments();
    result.decode(target, 0);
    return result;
  }

  public static Arguments of(String... arguments) {
    byte[][] bytes = new byte[arguments.length][];
    for (int i = 0; i < arguments.length; i++) {
      bytes[i] = arguments[i].getBytes(StandardCharsets.UTF_8);
    }
    return of(bytes);
  }

  /** Points this object at encoded arguments and returns the offset behind them. */
  public int decode(byte[] source, int offset) {
    bytes = source;
    int position = offset;
    int value = source[position++];
    if (value < 0) {
      value = longVarint(source, position - 1);
      position += varintBytes(value) - 1;
    }
    count = value;
    if (offsets.length <= count) {
      offsets = new int[Math.max(count + 1, offsets.length * 2)];
    }
    for (int i = 0; i < count; i++) {
      int length = source[position++];
      if (length < 0) {
        length = longVarint(source, position - 1);
        position += varintBytes(length) - 1;
      }
      offsets[i] = length;
    }
    for (int i = 0; i < count; i++) {
      int length = offsets[i];
      offsets[i] = position;
      position += length;
    }
    offsets[count] = position;
    end = position;
    return end;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int length(int argument) {
    return offsets[argument + 1] - offsets[argument];
  }

  @Override
  public byte byteAt(int argument, int position) {
    return bytes[offsets[argument] + position];
  }

  @Override
  public void copyTo(int argument, byte[] target, int offset) {
    System.arraycopy(bytes, offsets[argument], target, offset, length(argument));
  }

  /** The array that all arguments lie in; read-only by agreement. */
  public byte[] array() {
    return bytes;
  }

  /** Where in {@link #array()} an argument begins. */
  public int offset(int argument) {
    return offsets[argument];
  }

  /** A copy of an argument. */
  public byte[] bytes(int argument) {
    return Arrays.copyOfRange(bytes, offsets[argument], offsets[argument + 1]);
  }

  /** A view of an argument. */
  public ByteBuffer slice(int argument) {
    return ByteBuffer.wrap(bytes, offsets[argument], length(argument)).slice();
  }

  /** An argument as UTF-8 text: for names and options, not for data. */
  public String text(int argument) {
    return new String(bytes, offsets[argument], length(argument), StandardCharsets.UTF_8);
  }

  /** Whether an argument is an ASCII word, in any case. The word is given in lower case. */
  public boolean is(int argument, String lowerCaseWord) {
    if (length(argument) != lowerCaseWord.length()) {
      return false;
    }
    int offset = offsets[argument];
    for (int i = 0; i < lowerCaseWord.length(); i++) {
      int letter = bytes[offset + i];
      if (letter >= 'A' && letter <= 'Z') {
        letter += 'a' - 'A';
      }
      if (letter != lowerCaseWord.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int putVarint(byte[] target, int offset, int value) {
    int rest = value;
    int position = offset;
    while (rest > 0x7f) {
      target[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[position++] = (byte) rest;
    return position;
  }

  private static int longVarint(byte[] source, int offset) {
    int value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte next = source[offset + i];
      value |= (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("varint at offset " + offset + ": over 5 bytes");
  }

  private static int varintBytes(int value) {
    return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
  }
}
