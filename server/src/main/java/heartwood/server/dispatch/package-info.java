/**
 * The way of a command from its client to where it is executed, and of its reply back.
 *
 * <pre>
 *   event loop              raft loop                  apply thread           event loop
 *   LoopDispatcher ──batch─► WritePath ──entry─► log ──► ReplicatedKeyspace ──► replies
 *        │                    └─round or lease─► RaftNode ────────┤
 *        ├── reads at a follower ─► FollowerReadPath ─► leader ───┤
 *        ├── after READONLY, at once or by BoundedStaleness ──────┤
 *        ├── past reads, on any node ─────────────────────────────┤
 *        │                                    reads of many rows: LongReads, a thread beside
 *        └── at once: connection commands, redirects, errors
 * </pre>
 *
 * <p>Knows Raft and commands, not Netty. Begin with {@link
 * heartwood.server.dispatch.LoopDispatcher}, which decides, and {@link
 * heartwood.server.dispatch.DispatchedClient}, which keeps order. The dispatcher asks {@link
 * heartwood.server.dispatch.SlotRules} about keys and {@link heartwood.server.dispatch.PastRouting}
 * about moments, fills a {@link heartwood.server.dispatch.Gathering}, and leaves who must wait to
 * {@link heartwood.server.dispatch.HeldClients}. WAIT goes another way, to {@link
 * heartwood.server.dispatch.WaitingClients}.
 */
@NullMarked
package heartwood.server.dispatch;

import org.jspecify.annotations.NullMarked;
