package heartwood.storage.history;

import heartwood.storage.ChecksummedRow;
import heartwood.storage.Table;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The runs that count, the oldest deaths first: those of the slots that are not listed here hold
 * nothing, or what was left behind by a crash. One row of the table {@code runs}, framed by {@link
 * ChecksummedRow}, big endian:
 *
 * <pre>
 *   "live"   next id(8) count(4), then for each run:
 *            id(8) slot(4) level(4) to(8) versions(8) bytes(8)
 * </pre>
 *
 * <p>Immutable.
 */
record RunList(long nextId, List<Run> runs) {
  static final RunList EMPTY = new RunList(1, List.of());

  private static final String NAME = "live";
  private static final byte VERSION = 1;
  private static final int RUN_BYTES = 40;

  static RunList read(TablesView view, Table table) {
    ByteBuffer row = view.get(table, ByteBuffer.wrap(NAME.getBytes(StandardCharsets.UTF_8)));
    if (row == null) {
      return EMPTY;
    }
    ByteBuffer body = ChecksummedRow.decode(NAME, VERSION, row);
    long nextId = body.getLong();
    int count = body.getInt();
    List<Run> runs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      runs.add(
          new Run(
              body.getLong(),
              body.getInt(),
              body.getInt(),
              body.getLong(),
              body.getLong(),
              body.getLong()));
    }
    return new RunList(nextId, List.copyOf(runs));
  }

  void write(TablesWriter writer, Table table) {
    ByteBuffer body = ByteBuffer.allocate(12 + RUN_BYTES * runs.size());
    body.putLong(nextId).putInt(runs.size());
    for (Run run : runs) {
      body.putLong(run.id())
          .putInt(run.slot())
          .putInt(run.level())
          .putLong(run.toRevision())
          .putLong(run.versionCount())
          .putLong(run.byteCount());
    }
    byte[] row = ChecksummedRow.encode(NAME, VERSION, body.array());
    writer.put(table, NAME.getBytes(StandardCharsets.UTF_8), row);
  }

  boolean uses(int slot) {
    return runs.stream().anyMatch(run -> run.slot() == slot);
  }

  long byteCount() {
    return runs.stream().mapToLong(Run::byteCount).sum();
  }
}
