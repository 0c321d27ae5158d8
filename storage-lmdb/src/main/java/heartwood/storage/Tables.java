package heartwood.storage;

import java.util.List;

/**
 * Ordered key-value transactions over named tables: all that the versioned store asks of a disk.
 * Keys are 1 to {@link #MAX_KEY_BYTES} bytes, compared unsigned; values are any bytes.
 *
 * <pre>
 *   Table current = tables.open("current");
 *   try (TablesWriter writer = tables.write()) {
 *     writer.put(current, key, value);
 *     writer.commit();                        // durable
 *   }
 * </pre>
 *
 * <p>Thread-safe; what it hands out belongs to one thread at a time.
 */
public interface Tables extends AutoCloseable {
  int MAX_KEY_BYTES = 511;

  /**
   * Opens a table, and makes it when it is missing. Transactions see the tables that were opened
   * before they began.
   *
   * @throws IllegalStateException when this thread has a writer open: it would wait for itself
   */
  Table open(String name);

  /** The names of the tables, in order. */
  List<String> names();

  /**
   * A view of the last commit, which stays as it is until renewed. The pages it sees are not used
   * anew while it is open: keep it short or renew it.
   */
  TablesReader read();

  /**
   * The one write transaction; blocks while another thread has it.
   *
   * @throws IllegalStateException when this thread has it
   */
  TablesWriter write();

  /**
   * Closes the tables.
   *
   * @throws IllegalStateException when a reader is open
   */
  @Override
  void close();
}
