package heartwood.storage.lmdb;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.WriterTurn;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.lmdbjava.Dbi;
import org.lmdbjava.LmdbException;

/**
 * Tables in one LMDB environment, synced at every commit.
 *
 * <p>Thread-safe.
 */
public final class LmdbTables implements Tables {
  record LmdbTable(String name, Dbi<ByteBuffer> dbi) implements Table {}

  private final LmdbEnvironment environment;
  private final AtomicInteger openTxns = new AtomicInteger();
  private final WriterTurn turn = new WriterTurn();

  /** By name: to open a table once more would wait for the writer. */
  private final Map<String, Table> opened = new ConcurrentHashMap<>();

  private LmdbTables(LmdbEnvironment environment) {
    this.environment = environment;
  }

  /**
   * Opens the tables of a directory that exists; an empty one becomes empty tables.
   *
   * @throws StorageException.WrongDirectory when it is missing or in use
   * @throws StorageException.Corrupt when LMDB cannot read it
   */
  public static LmdbTables open(Path directory, LmdbOptions options) {
    return new LmdbTables(LmdbEnvironment.open(directory, options));
  }

  @Override
  public Table open(String name) {
    turn.requireNotMine();
    try {
      return opened.computeIfAbsent(
          name, absent -> new LmdbTable(absent, environment.table(absent)));
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "open table " + name);
    }
  }

  @Override
  public List<String> names() {
    return environment.tableNames();
  }

  @Override
  public TablesReader read() {
    environment.enter();
    try {
      LmdbReader reader = new LmdbReader(environment.readTxn(), openTxns::decrementAndGet);
      openTxns.incrementAndGet();
      return reader;
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "read");
    } finally {
      environment.leave();
    }
  }

  @Override
  public TablesWriter write() {
    turn.begin();
    boolean begun = false;
    environment.enter();
    try {
      LmdbWriter writer = new LmdbWriter(environment.env().txnWrite(), this::writerClosed);
      openTxns.incrementAndGet();
      begun = true;
      return writer;
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "write");
    } finally {
      environment.leave();
      if (!begun) {
        turn.end();
      }
    }
  }

  private void writerClosed() {
    openTxns.decrementAndGet();
    turn.end();
  }

  /**
   * Copies the last commit into an empty directory, without free pages. Blocks for as long as the
   * copy takes and holds back the reuse of pages meanwhile; writes go on. Not synced.
   */
  public void copyTo(Path emptyDirectory) {
    environment.copyTo(emptyDirectory);
  }

  /** Bytes that a copy needs at most; 0 once this is being closed. Waits for nothing. */
  public long usedBytes() {
    return environment.usedBytes();
  }

  @Override
  public void close() {
    if (openTxns.get() > 0) {
      throw new IllegalStateException(openTxns + " transactions are open (expected: none)");
    }
    environment.close();
  }
}
