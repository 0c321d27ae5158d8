package heartwood.server.replication;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Big-endian numbers in byte arrays. Stateless. */
final class Bytes {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private Bytes() {}

  static void putShort(byte[] target, int offset, int value) {
    SHORT.set(target, offset, (short) value);
  }

  static int getShort(byte[] source, int offset) {
    return (short) SHORT.get(source, offset) & 0xffff;
  }

  static void putInt(byte[] target, int offset, int value) {
    INT.set(target, offset, value);
  }

  static int getInt(byte[] source, int offset) {
    return (int) INT.get(source, offset);
  }

  static void putLong(byte[] target, int offset, long value) {
    LONG.set(target, offset, value);
  }

  static long getLong(byte[] source, int offset) {
    return (long) LONG.get(source, offset);
  }

  private static VarHandle view(Class<?> arrayType) {
    return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.BIG_ENDIAN);
  }
}
