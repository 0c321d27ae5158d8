package heartwood.storage.version;

import heartwood.storage.RowKinds;
import heartwood.storage.history.Floors;
import java.nio.ByteBuffer;

/** The rows that say what is to go from the past, in the tables or in an overlay. Stateless. */
final class FloorRows {
  private FloorRows() {}

  /**
   * Adds the floors that a layer has; true when there are rows of that kind, those among them that
   * take a floor away.
   */
  static boolean addTo(Floors floors, RowSource rows, RowKinds kinds) {
    boolean isSome = false;
    for (boolean on = rows.seek(new byte[] {kinds.floors()}); on; on = rows.next()) {
      ByteBuffer key = rows.key();
      if (key.get(key.position()) != kinds.floors()) {
        break;
      }
      isSome = true;
      if (!rows.isDeletion()) {
        byte[] beginning = new byte[key.remaining() - 1];
        key.get(key.position() + 1, beginning);
        floors.add(beginning, kinds.floorOf(rows.value()));
      }
    }
    return isSome;
  }
}
