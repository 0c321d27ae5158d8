package heartwood.storage.version;

import heartwood.storage.RowKinds;
import heartwood.storage.history.Floors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The rows that say what is to go from the past, in the tables or in an overlay. Stateless. */
final class FloorRows {
  private FloorRows() {}

  /** A floor, or that there is none any more. */
  @FunctionalInterface
  private interface Visitor {
    void floor(byte[] beginning, RowSource row);
  }

  /** The floors in the tables whose versions must leave the disk soon: few of them all. */
  static Floors urgent(RowSource rows, RowKinds kinds) {
    Floors urgent = new Floors();
    visit(
        rows,
        kinds,
        (beginning, row) -> {
          long floor = kinds.urgentFloorOf(row.value());
          if (floor > 0) {
            urgent.add(beginning, floor);
          }
        });
    return urgent;
  }

  /** All floors that an overlay has. */
  static Floors all(RowSource rows, RowKinds kinds) {
    Floors all = new Floors();
    visit(
        rows,
        kinds,
        (beginning, row) -> {
          if (!row.isDeletion()) {
            all.add(beginning, kinds.floorOf(row.value()));
          }
        });
    return all;
  }

  /** What an overlay makes of those whose versions must leave the disk soon; 0: they need not. */
  static Map<byte[], Long> urgentChanges(RowSource rows, RowKinds kinds) {
    TreeMap<byte[], Long> changes = new TreeMap<>(Arrays::compareUnsigned);
    visit(
        rows,
        kinds,
        (beginning, row) ->
            changes.put(beginning, row.isDeletion() ? 0 : kinds.urgentFloorOf(row.value())));
    return changes;
  }

  private static void visit(RowSource rows, RowKinds kinds, Visitor visitor) {
    for (boolean on = rows.seek(new byte[] {kinds.floors()}); on; on = rows.next()) {
      ByteBuffer key = rows.key();
      if (key.get(key.position()) != kinds.floors()) {
        return;
      }
      byte[] beginning = new byte[key.remaining() - 1];
      key.get(key.position() + 1, beginning);
      visitor.floor(beginning, rows);
    }
  }
}
