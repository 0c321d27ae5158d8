/**
 * A snapshot is the file of the state's environment: staged here, pulled by a peer that lags,
 * installed there by a pointer.
 *
 * <pre>
 *   DIR/ LOCK
 *        CURRENT                  "state-120\n": which one is in use; replaced by a rename
 *        DAMAGED                  "state-120\n…": what was found damaged in it; usually missing
 *        state-120/ data.mdb      the state, as of entry 120 or later
 *        offer-180/ data.mdb      a compacting copy, read by peers in chunks
 *        incoming-240/ data.mdb   what a pull has brought so far; becomes state-240/
 *
 *   LmdbTables ──stage──► StagedSnapshot ··· chunks ···► IncomingSnapshot ──install──► CURRENT
 * </pre>
 *
 * <p>Whatever CURRENT does not name is a leftover and is removed at the start. Knows files and
 * tables, not peers. Threads: the checkpoint thread stages and installs; any thread reads chunks.
 * Begin with {@link heartwood.storage.snapshot.StateDirectory}.
 */
@NullMarked
package heartwood.storage.snapshot;

import org.jspecify.annotations.NullMarked;
