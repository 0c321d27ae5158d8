package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.checked.CheckedTables;
import heartwood.storage.checked.RowWalk;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.RunTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Reads all that a state's tables hold and compares it with what it must be.
 *
 * @param applied how far the state reaches
 * @param rows of the present
 * @param versions of the past
 * @param changes listed, by which DIFF and HISTORY live
 * @param rowsByTable of all tables that have some: each holds its checksum
 * @param isWhole false if a checkpoint was cut short, which the next start takes back
 */
public record StateCheck(
    Applied applied,
    long rows,
    long versions,
    long changes,
    Map<String, Long> rowsByTable,
    boolean isWhole) {
  private static final long SLICE_BYTES = 16 << 20;
  private static final long ROWS_PER_REPORT = 1_000_000;

  /**
   * @param progress hears now and then how many rows were read
   * @throws StorageException.Corrupt when something is damaged, or is not what it must be
   */
  public static StateCheck of(Tables unchecked, LongConsumer progress) {
    MetaRows.requireChecksums(unchecked);
    Map<String, Long> rowsByTable = requireSoundRows(unchecked, progress);
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
          rowsByTable,
          isWhole);
    }
  }

  private static Map<String, Long> requireSoundRows(Tables unchecked, LongConsumer progress) {
    Map<String, Long> damaged = new TreeMap<>();
    List<StorageException.DamagedRow> found = new ArrayList<>(1);
    RowWalk walk =
        new RowWalk(
            unchecked,
            damage -> {
              damaged.merge(damage.table(), 1L, Long::sum);
              if (found.isEmpty()) {
                found.add(damage);
              }
            });
    long reported = 0;
    while (walk.step(SLICE_BYTES, Long.MAX_VALUE)) {
      if (walk.rows() - reported >= ROWS_PER_REPORT) {
        reported = walk.rows();
        progress.accept(reported);
      }
    }
    if (!found.isEmpty()) {
      StringJoiner tables = new StringJoiner(", ");
      damaged.forEach(
          (table, count) ->
              tables.add(count + " of " + walk.rowsByTable().get(table) + " rows of " + table));
      throw new StorageException.Corrupt(tables + "; " + found.get(0).getMessage());
    }
    return walk.rowsByTable();
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
