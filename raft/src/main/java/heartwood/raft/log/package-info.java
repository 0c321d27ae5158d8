/**
 * The ports through which Raft remembers, and what each promises to be durable when it returns.
 *
 * <p>{@link heartwood.raft.log.LogStore} is the one to begin with; LMDB implements it in {@code
 * storage-lmdb}, and {@code MemoryLog} is its twin for the simulator. Both pass one contract test.
 */
@NullMarked
package heartwood.raft.log;

import org.jspecify.annotations.NullMarked;
