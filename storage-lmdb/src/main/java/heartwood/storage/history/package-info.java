/**
 * Versions that are over: what rows were before they were overwritten or deleted, in sorted runs.
 *
 * <p>A version was seen at the revisions {@code born <= r < died}. Each checkpoint appends the
 * versions that died in it as one {@link heartwood.storage.history.Run}, sorted by raw key and then
 * by death, packed into blocks of a page; adjacent runs are merged in the background, and a run
 * whose last death lies at or below the horizon is dropped whole.
 *
 * <pre>
 *   revisions    0 ............... 4711 ............ 9000 ....... 9900 .. 9950    now
 *   runs         [      id 12      ][     id 15     ][   id 16   ][ id 17 ]       overlay
 *   table         history-3          history-0        history-1    history-2
 *                 merged             merged           as the checkpoints left them
 *
 *   a run        block │ block │ block │ … │ filter pieces           one row of the table each
 *   a block      (key, died, born, value) (key, died, born, value) …     about 4 KiB, by prefix
 * </pre>
 *
 * <p>What a row was at revision r stands in the first version of its key with {@code died > r}: the
 * runs are asked from the one that holds r on, and each has a small filter in memory that spares
 * most of them. No row says "deleted": between the versions of a key there is simply nothing.
 *
 * <p>Some versions may have to go earlier: {@link heartwood.storage.history.Floors} say which. No
 * run is written with them any more, and each that has some is written anew. Nobody notes how far
 * that has come: a start looks through all runs again, which costs a search for each floor and run.
 *
 * <p>Knows tables and revisions. Threads: one writes runs, the checkpoint thread; any number read
 * them, each through its own {@link heartwood.storage.TablesReader}. Begin with {@code Run}, then
 * {@code RunWriter}.
 */
@NullMarked
package heartwood.storage.history;

import org.jspecify.annotations.NullMarked;
