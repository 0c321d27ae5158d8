package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * Rows that begin with N have no past; those that begin with k are listed; those that begin with P
 * are floors, which their values say in eight bytes; one with more bytes is not urgent.
 */
public final class TestKinds {
  public static final RowKinds KINDS =
      new RowKinds() {
        @Override
        public boolean hasPast(byte[] key) {
          return key[0] != 'N' && key[0] != 'P';
        }

        @Override
        public boolean isListed(byte[] key) {
          return key[0] == 'k';
        }

        @Override
        public byte floors() {
          return 'P';
        }

        @Override
        public long urgentFloorOf(ByteBuffer value) {
          return value.remaining() == 8 ? floorOf(value) : 0;
        }

        @Override
        public long floorOf(ByteBuffer value) {
          return value.getLong(value.position());
        }
      };

  private TestKinds() {}
}
