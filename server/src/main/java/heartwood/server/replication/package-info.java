/**
 * The only bridge between Raft and commands: what an entry's bytes are, and how they become state.
 *
 * <p>Everything here runs on the apply thread; {@link heartwood.server.replication.AppliedView}
 * tells the others how far it is. Begin with {@link heartwood.server.replication.EntryFormat}, then
 * {@link heartwood.server.replication.ReplicatedKeyspace}; reads of the past are {@link
 * heartwood.server.replication.PastReader}'s.
 */
@NullMarked
package heartwood.server.replication;

import org.jspecify.annotations.NullMarked;
