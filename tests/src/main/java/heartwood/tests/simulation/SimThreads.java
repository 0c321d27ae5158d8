package heartwood.tests.simulation;

/**
 * The threads of one process, each with the pace of its work. Confined to the simulation.
 *
 * @param loop of Raft
 * @param clients the event loop of the clients; may be the one of Raft
 * @param log writes the log
 * @param apply runs commands
 * @param snapshot stages, receives and compacts
 * @param checkpoint writes the state
 */
record SimThreads(
    SimExecutor loop,
    SimExecutor clients,
    SimExecutor log,
    SimExecutor apply,
    SimExecutor snapshot,
    SimExecutor checkpoint) {}
