/**
 * The versioned store: an ordered overlay in memory before the tables on disk, and a checkpoint
 * that carries the one into the other.
 *
 * <pre>
 *      WriteTxn ── commit ──┐                        get, scan: from above down, first hit counts
 *    ┌──────────────────────▼───┐
 *    │ RedoBuffer                │  the revision under way      one transaction
 *    ├───────────────────────────┤
 *    │ active Overlay            │  since the last seal         heap, grows
 *    ├───────────────────────────┤        │ applied(…): sealed when over its share
 *    │ sealed Overlay            │  ◄─────┘                     heap, does not change
 *    ├───────────────────────────┤        │ checkpoint thread, in key order, in slices, each a
 *    │ Tables: current, meta,    │  ◄─────┘ synced transaction, once the log is durable so far;
 *    │ undo, history, changes,   │          a crash between two slices undoes those before
 *    │ stamps                    │
 *    └───────────────────────────┘
 * </pre>
 *
 * <p>Knows revisions, not Redis, not Raft, not LMDB. Threads: the apply thread writes and reads;
 * one checkpoint thread; any number of readers at a fixed revision, each with a {@link
 * heartwood.storage.version.StoreSnapshot} that the apply thread has taken. A snapshot may begin
 * between two slices: what they replaced is in the sealed overlay for the present, and in the run
 * that is not finished for the past; and the changes and stamps that they added are later than the
 * tables say they reach. Begin with {@link heartwood.storage.version.VersionedStore}, then {@link
 * heartwood.storage.version.CheckpointDriver}.
 */
@NullMarked
package heartwood.storage.version;

import org.jspecify.annotations.NullMarked;
