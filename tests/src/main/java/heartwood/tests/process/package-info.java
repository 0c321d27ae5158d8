/**
 * Clusters of real processes on one machine, for tests and commands that kill, pause and restart
 * them.
 *
 * <pre>
 *   ClusterRig ──starts, kills, pauses──► NodeProcess ── java NodeMain --dir … ──► node-N.log
 *       │                                                     ▲
 *       └── RawConnection ──── RESP over TCP ─────────────────┘
 * </pre>
 *
 * <p>Knows the server by its flags, its ports and its answers only. Waiting is always for a
 * condition, with a bound ({@link heartwood.tests.process.Await}). Begin with {@link
 * heartwood.tests.process.ClusterRig}.
 */
@NullMarked
package heartwood.tests.process;

import org.jspecify.annotations.NullMarked;
