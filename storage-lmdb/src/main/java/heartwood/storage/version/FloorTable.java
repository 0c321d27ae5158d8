package heartwood.storage.version;

import heartwood.storage.RowKinds;
import heartwood.storage.Table;
import heartwood.storage.TablesView;
import heartwood.storage.history.FloorSource;
import java.util.Arrays;

/** The floors in the table {@code current}. Stateless. */
record FloorTable(Table current, RowKinds kinds) implements FloorSource {
  /** So many floors are walked over before one is searched for. */
  private static final int STEPS = 8;

  @Override
  public Walk open(TablesView view) {
    return new TableWalk(new TableSource(view.cursor(current), Long.MAX_VALUE));
  }

  private final class TableWalk implements Walk {
    private final TableSource rows;

    /** Of the last floor that is not behind the key asked for; empty before the first. */
    private byte[] beginning = {};

    private long floor;

    /** Of the first floor behind that key, on which the rows stand. */
    private byte[] next = {};

    private boolean hasNext;

    TableWalk(TableSource rows) {
      this.rows = rows;
      stand(rows.seek(new byte[] {kinds.floors()}));
    }

    private void stand(boolean isOnRow) {
      hasNext = isOnRow && rows.key().get(rows.key().position()) == kinds.floors();
      if (hasNext) {
        next = new byte[rows.key().remaining() - 1];
        rows.key().get(rows.key().position() + 1, next);
      }
    }

    @Override
    public boolean covers(byte[] key, long died) {
      for (int steps = 0; hasNext && Arrays.compareUnsigned(next, key) <= 0; steps++) {
        if (steps == STEPS) {
          search(key);
        }
        beginning = next;
        floor = kinds.floorOf(rows.value());
        stand(rows.next());
      }
      return beginning.length > 0
          && died <= floor
          && key.length >= beginning.length
          && Arrays.equals(key, 0, beginning.length, beginning, 0, beginning.length);
    }

    /** Goes to the last floor that is not behind a key: there is one. */
    private void search(byte[] key) {
      byte[] behind = new byte[key.length + 2];
      behind[0] = kinds.floors();
      System.arraycopy(key, 0, behind, 1, key.length);
      stand(rows.seekBefore(behind));
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
