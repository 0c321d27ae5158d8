/**
 * The twin of {@code storage.lmdb} without a disk, for simulation and unit tests.
 *
 * <pre>
 *   current ──► {table → sorted rows}     replaced by a commit, never changed
 *   previous ─► {table → sorted rows}     what a disk that lost its last commit would hold
 * </pre>
 *
 * <p>Must never know a clock, a thread or a file. Begin with {@link
 * heartwood.storage.memory.MemoryTables}.
 */
@NullMarked
package heartwood.storage.memory;

import org.jspecify.annotations.NullMarked;
