package heartwood.storage.checked;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import java.util.List;

/**
 * Tables whose rows carry a checksum, over others that keep it with the value: see {@link
 * RowChecksum}. Nothing of a row is handed out before it was checked.
 *
 * <p>What reads throws {@link StorageException.DamagedRow} where a checksum does not hold.
 * Thread-safe.
 */
public final class CheckedTables implements Tables {
  private final Tables tables;

  /**
   * @param tables which belong to this from now on; their rows were written by such as this
   */
  public CheckedTables(Tables tables) {
    this.tables = tables;
  }

  @Override
  public Table open(String name) {
    return tables.open(name);
  }

  @Override
  public List<String> names() {
    return tables.names();
  }

  @Override
  public TablesReader read() {
    return new CheckedReader(tables.read());
  }

  @Override
  public TablesWriter write() {
    return new CheckedWriter(tables.write());
  }

  @Override
  public void close() {
    tables.close();
  }
}
