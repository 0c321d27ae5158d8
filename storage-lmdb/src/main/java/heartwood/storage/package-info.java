/**
 * The versioned port, and the port below it: what the keyspace asks of a store, in ordered rows and
 * revisions, and what the store asks of a disk.
 *
 * <pre>
 *   server.keyspace
 *        │  Store: WriteTxn, ReadTxn, Cursor, Row, Applied
 *   storage.version ······· overlay, checkpoint
 *        │  Tables: TablesWriter, TablesReader, TableCursor
 *   storage.lmdb │ storage.memory          storage.snapshot: the file as a whole
 * </pre>
 *
 * <p>Knows neither Redis nor Raft nor LMDB. Beside the ports stand the few things that all below
 * share: a hash and a row's frame, which are formats, and the durable handling of directories. The
 * apply thread writes; each port says what else is allowed. Begin with {@link
 * heartwood.storage.Store}, then {@link heartwood.storage.Tables}.
 */
@NullMarked
package heartwood.storage;

import org.jspecify.annotations.NullMarked;
