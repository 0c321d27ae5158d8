package heartwood.server.dispatch;

import java.util.concurrent.Executor;

/**
 * The threads that a dispatcher knows: its own event loop, and those that it hands on to.
 *
 * @param loop which the dispatcher is confined to
 */
public record LoopThreads(Executor loop, Executor raftLoop, Executor apply) {}
