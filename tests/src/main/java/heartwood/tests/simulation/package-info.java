/**
 * A whole cluster in one thread, decided by one seed: real {@code RaftNode}s over a simulated
 * network, disk, clock and clients, with faults, and every invariant looked at after every step.
 *
 * <pre>
 *            ┌──────────── EventQueue (virtual time, then order of arrival) ────────────┐
 *   SimClient ──► SimNode: RaftNode + SimDisk + SimStateMachine + SimSnapshotStore ──► SimNetwork
 *       │             │ after every step                │ every write      every message │
 *       ▼             ▼                                 ▼                                ▼
 *    History   ClusterInvariants ◄──────────────── what is durable ◄──────────── what it claims
 * </pre>
 *
 * <p>No thread, no wall clock: the same seed gives the same steps, told by the trace's hash. Begin
 * with {@link heartwood.tests.simulation.Simulation}; {@link
 * heartwood.tests.simulation.SimulateCommand} is its command line.
 */
@NullMarked
package heartwood.tests.simulation;

import org.jspecify.annotations.NullMarked;
