/**
 * {@code heartwood chaos}: a cluster of real processes, faults, clients that record what they hear,
 * and a verdict.
 *
 * <pre>
 *   ChaosRun ─► FaultPlan (from the seed) ─► FaultInjector ─► ClusterRig   kill, pause, restart
 *      │                                          ├─────────► FaultProxy   cut, clog, delay
 *      │                                          └─────────► SmallDisks   fill
 *      ├─► ChaosClient… ── SET, INCR, HSET, APPEND … ──► the nodes
 *      │        └─► Recorder ─► history.txt
 *      └─► HistoryChecker, Report, TimelineSvg ─► report.txt, timeline.svg
 *
 *   node 1 ──► FaultProxy of node 2 ──► node 2's cluster-port     each directed pair is a Link
 * </pre>
 *
 * <p>The seed decides faults and clients' choices, not what comes of them: processes and sockets
 * have their own time. Knows the server by flags, ports, answers, and the head of a peer's frame.
 * Threads: one that steers, one for each client, one loop for the proxy. Begin with {@link
 * heartwood.tests.chaos.ChaosCommand} and {@code ChaosRun}.
 */
@NullMarked
package heartwood.tests.chaos;

import org.jspecify.annotations.NullMarked;
