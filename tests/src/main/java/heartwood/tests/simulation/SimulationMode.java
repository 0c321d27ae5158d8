package heartwood.tests.simulation;

/** How much of a node is simulated. */
public enum SimulationMode {
  /** Raft over a few registers: for volume. */
  CORE,
  /** Everything from the dispatcher of commands to the store: for depth. */
  NODE;

  Workload workload(Simulation simulation, SimRandom random) {
    return this == CORE
        ? new RegisterWorkload(simulation)
        : new KeyspaceWorkload(simulation, random);
  }
}
