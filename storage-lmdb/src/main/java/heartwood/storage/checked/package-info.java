/**
 * A checksum in every row: LMDB's pages have none, so what a disk gives back changed would be
 * served.
 *
 * <pre>
 *   storage.version, storage.history ──► CheckedTables ──► any Tables
 *                                           │ put, append     adds a checksum behind the value
 *                                           │ get, cursors    take it away, or throw DamagedRow
 *                                        RowWalk              all rows of all tables, in slices
 * </pre>
 *
 * <p>What it does not find: a row that is missing, and one that is older than it should be. Knows
 * tables, not what they mean. Threads: those of the tables below; each transaction has a scratch of
 * its own. Begin with {@link heartwood.storage.checked.CheckedTables}.
 */
@NullMarked
package heartwood.storage.checked;

import org.jspecify.annotations.NullMarked;
