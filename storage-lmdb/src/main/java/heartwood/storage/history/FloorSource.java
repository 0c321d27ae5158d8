package heartwood.storage.history;

import heartwood.storage.TablesView;

/**
 * Where a merge learns which versions are to go: there may be a floor for every key, so they stay
 * where they are and are met in the order of the keys. Stateless.
 */
public interface FloorSource {
  /** No version is to go. */
  FloorSource NONE =
      view ->
          new Walk() {
            @Override
            public boolean covers(byte[] key, long died) {
              return false;
            }

            @Override
            public void close() {}
          };

  /** Begins a walk over the floors that a transaction sees. */
  Walk open(TablesView view);

  /** Confined to the thread of its transaction. */
  interface Walk extends AutoCloseable {
    /** Whether a version is to go. Keys must not descend. */
    boolean covers(byte[] key, long died);

    @Override
    void close();
  }
}
