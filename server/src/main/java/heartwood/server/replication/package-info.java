/**
 * The only bridge between Raft and commands: what an entry's bytes are, and how they become state.
 *
 * <p>Everything here runs on the apply thread. Begin with {@link
 * heartwood.server.replication.EntryFormat}, then {@link
 * heartwood.server.replication.ReplicatedKeyspace}.
 */
@NullMarked
package heartwood.server.replication;

import org.jspecify.annotations.NullMarked;
