package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.checked.CheckedTables;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.RunTables;

/**
 * Reads all that a state's tables hold and compares it with what it must be.
 *
 * @param applied how far the state reaches
 * @param rows of the present
 * @param versions of the past
 * @param changes listed, by which DIFF and HISTORY live
 * @param isWhole false if a checkpoint was cut short, which the next start takes back
 */
public record StateCheck(Applied applied, long rows, long versions, long changes, boolean isWhole) {
  /**
   * @throws StorageException.Corrupt when something is damaged, or is not what it must be
   */
  public static StateCheck of(Tables unchecked) {
    MetaRows.requireChecksums(unchecked);
    Tables tables = new CheckedTables(unchecked);
    Table current = tables.open("current");
    Table meta = tables.open("meta");
    UndoTable undo = new UndoTable(tables);
    RunTables runs = new RunTables(tables);
    ChangeList changes = new ChangeList(tables);
    try (TablesReader reader = tables.read()) {
      if (!MetaRows.hasFormat(reader, meta)) {
        throw new StorageException.Corrupt("the tables hold no state");
      }
      Applied applied = MetaRows.applied(reader, meta);
      boolean isWhole = undo.isEmpty(reader);
      return new StateCheck(
          applied,
          rows(reader, current, isWhole ? applied.revision() : Long.MAX_VALUE),
          runs.check(reader),
          changes(reader, changes, applied.revision()),
          isWhole);
    }
  }

  private static long rows(TablesReader reader, Table current, long lastRevision) {
    long count = 0;
    try (TableCursor rows = reader.cursor(current)) {
      for (boolean on = rows.first(); on; on = rows.next()) {
        long born = CurrentRow.born(rows.value());
        if (born < 0 || born > lastRevision) {
          throw new StorageException.Corrupt(
              "row " + count + " is of revision " + born + " (expected: 0.." + lastRevision + ")");
        }
        count++;
      }
    }
    return count;
  }

  private static long changes(TablesReader reader, ChangeList list, long lastRevision) {
    long count = 0;
    long former = 0;
    try (ChangeList.Reader changes = list.reader(reader, 0, lastRevision)) {
      while (changes.next()) {
        if (changes.revision() < former) {
          throw new StorageException.Corrupt("change " + count + " is out of order");
        }
        former = changes.revision();
        count++;
      }
    }
    return count;
  }
}
