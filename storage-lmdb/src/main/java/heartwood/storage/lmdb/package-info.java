/**
 * LMDB: Raft's log and the tables of the state, each in an environment of its own. The only
 * importer of lmdbjava.
 *
 * <pre>
 *   raft.log.LogStore                          storage.Tables
 *          △                                         △
 *     LmdbLogStore ──► journal.Journal          LmdbTables
 *          └──► LogTable ──► LmdbEnvironment ◄──────┘
 *                            flags, lock, close guard
 *                                  │
 *                 DIR/ data.mdb  lock.mdb  LOCK  journal-0  journal-1
 * </pre>
 *
 * <p>A write of the log is synced in the journal, and moves to LMDB with many others. Every commit
 * is synced: no {@code NOSYNC}, no {@code NOMETASYNC}, never {@code WRITEMAP} (a stray write would
 * go to the disk, and a full disk would be a signal instead of an error). A write transaction
 * belongs to the thread that began it; {@code NOTLS} lets a read transaction move. Must never know
 * Redis or a revision. Begin with {@link heartwood.storage.lmdb.LmdbTables}.
 */
@NullMarked
package heartwood.storage.lmdb;

import org.jspecify.annotations.NullMarked;
