/**
 * The core with its hands and feet: time comes in, disks are written, messages are sent.
 *
 * <pre>
 *                raft loop                     log thread         apply thread     snapshot thread
 *   tick ─────►┌──────────┐  LogBatch   ┌───────────────┐
 *   message ──►│ RaftNode ├────────────►│ LogStore.write│
 *   propose ──►│  (core)  │◄────────────┤    (synced)   │
 *              │          │  durable    └───────────────┘  ┌──────────────┐  ┌───────────────┐
 *              │          ├───────────── committed ───────►│ StateMachine │  │ SnapshotStore │
 *              └────┬─────┘                                └──────────────┘  └───────────────┘
 *                   └──► Transport
 * </pre>
 *
 * <p>The only place in raft with threads and time, and both are handed in: four executors and a
 * {@code tick()}. The simulator hands in its own. Begin with {@link heartwood.raft.node.RaftNode}.
 */
@NullMarked
package heartwood.raft.node;

import org.jspecify.annotations.NullMarked;
