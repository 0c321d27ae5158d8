/**
 * A whole cluster in one thread, decided by one seed: real nodes over a simulated network, disk,
 * clocks and clients, with faults, and every invariant looked at after every step.
 *
 * <pre>
 *        ┌──────────── EventQueue (virtual time, then order of arrival) ────────────┐
 *   Workload.User ──► SimNode: RaftNode + SimDisk + SimServer ──► SimNetwork
 *        │              │ after every step      │ every write       │ every message
 *        ▼              ▼                       ▼                   ▼
 *    what was heard   ClusterInvariants ◄── what is durable ◄── what it claims
 * </pre>
 *
 * <p>How much of a node stands on its Raft is the {@link
 * heartwood.tests.simulation.SimulationMode}:
 *
 * <pre>
 *   core   RegisterServer: a few registers; the order is known, so all is judged at once.  Volume.
 *   node   KeyspaceServer, over MemoryTables that last, and in each process a KeyspaceProcess:
 *          LoopDispatcher ─► WritePath ─► log ─► ReplicatedKeyspace ─► VersionedStore, stepped
 *          checkpoints, merges and snapshots. KeyspaceHistory compares the digests of all nodes,
 *          HistoryChecker judges what clients were told, ExpiryWatch what is gone.         Depth.
 * </pre>
 *
 * <p>Not simulated: sockets and their decoders, the links that forward commands of the proxy port,
 * LMDB and its files, commands about connections.
 *
 * <p>No thread, no wall clock: the same seed gives the same steps, told by the trace's hash. Begin
 * with {@link heartwood.tests.simulation.Simulation}; what may go wrong is a {@code FaultPlan}, and
 * in some seeds {@code AimedFaults} strike where chance alone hardly comes; {@link
 * heartwood.tests.simulation.SimulateCommand} is its command line. Whether it would notice a
 * mistake is the question of {@code heartwood.tests.simulation.mutation}.
 */
@NullMarked
package heartwood.tests.simulation;

import org.jspecify.annotations.NullMarked;
