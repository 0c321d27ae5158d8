/**
 * The ports through which Raft remembers, and what each promises to be durable when it returns.
 *
 * <pre>
 *    base (index, term)      termStarts: 2 from 4, 5 from 6
 *      │                        │         │
 *      ▼                        ▼         ▼
 *    [ 3 ]  compacted away  │ 4/2  5/2  6/5  7/5 │  ◄── LogBatch: cut from its first index, append,
 *                           └────── entries ─────┘      and replace the hard state, as one
 *    HardState: currentTerm, votedFor, commitIndex      NodeIdentity, PeerBindings: who may speak
 * </pre>
 *
 * <p>{@link heartwood.raft.log.LogStore} is the one to begin with; LMDB implements it in {@code
 * storage-lmdb}, and {@link heartwood.raft.log.MemoryLog} is its twin for the simulator. Both pass
 * one contract test. One thread, the log thread, writes; any thread reads. Knows {@code
 * raft.message} and no clock.
 */
@NullMarked
package heartwood.raft.log;

import org.jspecify.annotations.NullMarked;
