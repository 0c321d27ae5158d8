package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.LogEntry;
import heartwood.raft.node.Proposal;

/** A client's write as a node's proposal. Confined to the simulation. */
final class SimProposal implements Proposal {
  private final Operation operation;
  private final byte[] payload;
  private final History history;
  private final SimClient client;
  private boolean isCommitted;

  SimProposal(Operation operation, byte[] payload, History history, SimClient client) {
    this.operation = operation;
    this.payload = payload;
    this.history = history;
    this.client = client;
  }

  @Override
  public byte[] payload() {
    return payload;
  }

  @Override
  public void committed() {
    isCommitted = true;
  }

  void executed(LogEntry entry, long counter) {
    require(isCommitted, operation + " is committed before it is executed");
    operation.answer();
    history.onExecuted(operation, entry.index(), counter);
    client.reply(operation, entry.index());
  }

  @Override
  public void notExecuted() {
    require(!isCommitted, operation + " was not said to be committed");
    operation.answer();
    history.onNotExecuted(operation);
    client.replyFailed(operation);
  }

  @Override
  public void unknown() {
    operation.answer();
    client.replyFailed(operation);
  }
}
