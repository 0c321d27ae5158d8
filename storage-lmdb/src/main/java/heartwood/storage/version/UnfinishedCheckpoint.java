package heartwood.storage.version;

import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;

/**
 * A checkpoint of which a crash has left some slices and not the last one. Before anything else is
 * done with the tables they become again what the checkpoint before has made them, and the log is
 * replayed over that:
 *
 * <pre>
 *   rows                 are put back: from the table undo, or from the run that is not finished
 *   that run             counts no more
 *   changes and stamps   go that are of later revisions than the state
 *   what was forgotten   nobody could ask for: it lay below the horizon of the checkpoint before
 * </pre>
 *
 * <p>Stateless.
 */
final class UnfinishedCheckpoint {
  private UnfinishedCheckpoint() {}

  /** Takes it back, if there is one; durable on return. */
  static void rollBack(Tables tables, CheckpointWriter.Target target) {
    if (!isThere(tables, target)) {
      return;
    }
    try (TablesWriter writer = tables.write()) {
      long revision = MetaRows.applied(writer, target.meta()).revision();
      target
          .history()
          .forEachUnfinished(
              writer,
              (key, born, value) -> {
                if (born <= revision) { // Others were born and died since.
                  writer.put(target.current(), ByteBuffer.wrap(key), CurrentRow.of(born, value));
                }
              });
      target.history().forgetUnfinished(writer);
      target.undo().putBack(writer, target.current());
      target.undo().clear(writer);
      target.changes().truncate(writer, revision);
      target.stamps().truncate(writer, revision);
      writer.commit();
    }
  }

  /** Each of these may be all that the first slices have written. */
  private static boolean isThere(Tables tables, CheckpointWriter.Target target) {
    try (TablesView view = tables.read()) {
      long revision = MetaRows.applied(view, target.meta()).revision();
      return target.history().hasUnfinished(view)
          || !target.undo().isEmpty(view)
          || target.changes().reachesBeyond(view, revision)
          || target.stamps().reachesBeyond(view, revision);
    }
  }
}
