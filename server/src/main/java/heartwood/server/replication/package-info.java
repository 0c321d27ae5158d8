/**
 * The only bridge between Raft and commands: what an entry's bytes are, and how they become state.
 *
 * <p>Everything here runs on the apply thread but for reads of very many rows, and {@link
 * heartwood.server.replication.AppliedView} tells the others how far it is. Begin with {@link
 * heartwood.server.replication.EntryFormat}, then {@link
 * heartwood.server.replication.ReplicatedKeyspace}, which applies entries. Reads wait their turn in
 * {@link heartwood.server.replication.WaitingReads} and are run by {@link
 * heartwood.server.replication.BatchReads}; those of the past are {@link
 * heartwood.server.replication.PastReader}'s.
 *
 * <pre>
 *   apply thread                                              a reader
 *   a read says how many rows it will visit
 *     │ too many: LongReadException
 *     ├─ snapshot of store and keyspace, at this place ─────► LongRead runs the command anew
 *     ├─ Replies.defer: later replies to the client wait        │ ReadLimit: time, client, store
 *     │  the next operation, the next entry …                   │
 *     └─ Replies.end ◄──────────────────────────────────────────┘ snapshot closed
 * </pre>
 */
@NullMarked
package heartwood.server.replication;

import org.jspecify.annotations.NullMarked;
