package heartwood.tests.simulation;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.memory.MemoryTables;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * All rows of all tables as the one file that a peer pulls: what LMDB's copy is to a real node.
 * Stateless.
 *
 * <pre>
 *   tables(4) { name(UTF) rows(4) { key length(4) key value length(4) value }* }*      big endian
 * </pre>
 */
final class TablesFile {
  private TablesFile() {}

  /** The last commit of the tables. */
  static byte[] encode(Tables tables) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      List<String> names = tables.names();
      out.writeInt(names.size());
      for (String name : names) {
        Table table = tables.open(name);
        out.writeUTF(name);
        try (TablesReader reader = tables.read();
            TableCursor cursor = reader.cursor(table)) {
          encodeRows(cursor, out);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void encodeRows(TableCursor cursor, DataOutputStream out) throws IOException {
    int count = 0;
    for (boolean isThere = cursor.first(); isThere; isThere = cursor.next()) {
      count++;
    }
    out.writeInt(count);
    for (boolean isThere = cursor.first(); isThere; isThere = cursor.next()) {
      write(cursor.key(), out);
      write(cursor.value(), out);
    }
  }

  private static void write(ByteBuffer buffer, DataOutputStream out) throws IOException {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Tables that hold what a file holds. */
  static MemoryTables decode(byte[] file) {
    MemoryTables tables = new MemoryTables();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(file))) {
      for (int left = in.readInt(); left > 0; left--) {
        Table table = tables.open(in.readUTF());
        try (TablesWriter writer = tables.write()) {
          for (int rows = in.readInt(); rows > 0; rows--) {
            writer.put(table, read(in), read(in));
          }
          writer.commit();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tables;
  }

  private static byte[] read(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }
}
