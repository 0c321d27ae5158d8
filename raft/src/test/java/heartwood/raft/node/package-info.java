/** The node's tests: threads are queues that the test empties. */
@NullMarked
package heartwood.raft.node;

import org.jspecify.annotations.NullMarked;
