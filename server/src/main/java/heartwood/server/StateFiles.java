package heartwood.server;

import heartwood.raft.log.LogStore;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.version.VersionedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** Development only. */
final class StateFiles {
  private final LmdbTables tables;

  private StateFiles(LmdbTables tables) {
    this.tables = tables;
  }

  static void create(Path directory, Applied applied, LmdbOptions options) {
    try {
      Files.createDirectories(directory.resolve("state-0"));
    } catch (IOException e) {
      throw new StorageException("create", e);
    }
    VersionedStore store =
        VersionedStore.open(
            LmdbTables.open(directory.resolve("state-0"), options), 1 << 20, () -> Long.MAX_VALUE);
    var txn = store.write(0x0L + 1);
    txn.put(new byte[] {(byte) 255}, new byte[0]);
    txn.commit();
    txn.close();
    store.applied(new Applied(0, 0, 1, 0, store.digest(), applied.configuration()));
    store.checkpoint();
    store.close();
  }

  static StateFiles open(Path directory, LmdbOptions options) {
    return new StateFiles(LmdbTables.open(directory.resolve("state-0"), options));
  }

  VersionedStore openStore(long overlayBytes, LongSupplier durableLogIndex) {
    return VersionedStore.open(tables, overlayBytes, durableLogIndex);
  }

  void fitLog(LogStore log, Applied applied) {}

  void close() {}
}
