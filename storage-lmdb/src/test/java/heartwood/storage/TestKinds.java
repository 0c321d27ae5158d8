package heartwood.storage;

/** Rows that begin with N have no past; those that begin with k are listed. */
public final class TestKinds {
  public static final RowKinds KINDS =
      new RowKinds() {
        @Override
        public boolean hasPast(byte[] key) {
          return key[0] != 'N';
        }

        @Override
        public boolean isListed(byte[] key) {
          return key[0] == 'k';
        }
      };

  private TestKinds() {}
}
