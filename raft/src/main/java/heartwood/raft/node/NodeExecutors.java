package heartwood.raft.node;

import java.util.concurrent.Executor;

/**
 * Where a node's work is done. Each executor runs its tasks one at a time, in order.
 *
 * @param loop the raft loop: the core and everything that the node keeps
 * @param log blocks on the log's disk
 * @param apply runs the state machine
 * @param snapshot blocks on snapshot files
 */
public record NodeExecutors(Executor loop, Executor log, Executor apply, Executor snapshot) {}
