package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.message.LogEntry;
import heartwood.raft.node.Proposal;

/** A client's write as a node's proposal. Confined to the simulation. */
final class RegisterProposal implements Proposal {
  private final RegisterOperation operation;
  private final byte[] payload;
  private final RegisterHistory history;
  private final RegisterClient client;
  private boolean isCommitted;

  RegisterProposal(
      RegisterOperation operation, byte[] payload, RegisterHistory history, RegisterClient client) {
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
    require(isCommitted, () -> operation + " is committed before it is executed");
    operation.answer();
    history.onExecuted(operation, entry.index(), counter);
    client.reply(operation, entry.index());
  }

  @Override
  public void notExecuted() {
    require(!isCommitted, () -> operation + " was not said to be committed");
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
