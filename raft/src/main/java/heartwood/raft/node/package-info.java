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
 * {@code tick()}. The simulator hands in its own.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li>{@link heartwood.raft.node.RaftNode}: feeds the core and does what it asks for. Its ports
 *       are {@link heartwood.raft.node.StateMachine}, {@link heartwood.raft.node.Transport} and
 *       {@link heartwood.raft.node.NodeListener}; its threads are {@link
 *       heartwood.raft.node.NodeExecutors}.
 *   <li>Proposing: {@link heartwood.raft.node.Proposal} and {@code OpenProposals}, where all fates
 *       are decided; {@code OpenChange} for the members.
 *   <li>The log: {@code CoreStart} takes it up, {@code LogWriter} writes it under the eye of {@code
 *       DiskWatch}, {@code EntrySender} sends from it and from {@code EntryCache}, {@code
 *       LogCompaction} keeps it short. {@code DiskFailure} is the end of a node that cannot write.
 *   <li>Applying and reading: {@code Applier}, {@code LinearizableReads}, {@link
 *       heartwood.raft.node.LeaderLease}.
 *   <li>Snapshots: {@code SnapshotSource}, {@code SnapshotPull}, {@code SnapshotWork}.
 *   <li>What is ill: {@code LogRepair} and {@code DamageScan} for damaged entries, {@code
 *       DivergenceCheck} for states that differ, {@code RefusedMessages} for peers that talk
 *       nonsense.
 * </ol>
 */
@NullMarked
package heartwood.raft.node;

import org.jspecify.annotations.NullMarked;
