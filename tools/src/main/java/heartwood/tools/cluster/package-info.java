/**
 * {@code heartwood cluster} and {@code heartwood status}: nodes as processes of this machine.
 *
 * <pre>
 *   DIR/formed            there from the day the cluster first had a leader: nothing is bootstrapped again
 *   DIR/node-1/node.conf  what the node is told; its ports follow from --base-port, see ClusterFiles
 *   DIR/node-1/node.pid   the process that was started last
 *   DIR/node-1/node.log   all that it says
 *   DIR/node-1/data       log and state
 * </pre>
 *
 * <p>Only processes that were started here are ever signalled: each bears its directory in its
 * command line ({@code NodeProcess}). Knows the server's configuration, nothing of its inside. One
 * thread. Begin with {@code LocalCluster}.
 */
@NullMarked
package heartwood.tools.cluster;

import org.jspecify.annotations.NullMarked;
