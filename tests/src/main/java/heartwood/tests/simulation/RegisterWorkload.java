package heartwood.tests.simulation;

import heartwood.raft.message.Configuration;
import java.util.ArrayList;
import java.util.List;

/** Registers and a counter: as little as tells whether consensus holds. Confined. */
final class RegisterWorkload implements Workload {
  private final Simulation simulation;
  private final RegisterHistory history = new RegisterHistory();
  private final List<RegisterServer> servers = new ArrayList<>();

  RegisterWorkload(Simulation simulation) {
    this.simulation = simulation;
  }

  RegisterHistory history() {
    return history;
  }

  /** The server of a node. */
  RegisterServer server(SimNode node) {
    return servers.get(node.id().number() - 1);
  }

  @Override
  public SimServer server(SimNode node, Configuration configuration) {
    RegisterServer server = new RegisterServer(node, configuration, history, simulation);
    servers.add(server);
    return server;
  }

  @Override
  public User any() {
    return RegisterClient.any(simulation, this);
  }

  @Override
  public User probe() {
    return RegisterClient.probe(simulation, this);
  }

  @Override
  public long lastIndex() {
    return history.lastIndex();
  }

  /** The order is known, so that everything was judged when it happened. */
  @Override
  public void judge(List<SimNode> nodes) {}

  @Override
  public long acknowledgedWrites() {
    return history.acknowledgedWrites();
  }

  @Override
  public long completedReads() {
    return history.completedReads();
  }
}
