package heartwood.server.dispatch;

import heartwood.resp.ReplySink;
import heartwood.server.command.Acknowledgements;
import heartwood.server.replication.CommandBatch;
import java.util.List;
import java.util.function.Consumer;

/** What can become of batches, other than by being applied. Called on the apply thread. */
public interface BatchEnds {
  /** The moment is linearizable: run the reads. */
  void execute(CommandBatch batch);

  /** The same on a node that does not lead: time is moved on by the one that does. */
  void executeAtFollower(CommandBatch batch);

  /** Run the reads on whatever this node has. */
  void executeStale(CommandBatch batch);

  /** The reads did not take place: this node's state may be older than they put up with. */
  void tooStale(CommandBatch batch);

  /** None of the operations took place, nor ever will. */
  void notExecuted(List<CommandBatch> batches);

  /** The writes may or may not take place; the reads did not. */
  void unknown(List<CommandBatch> batches);

  /** A wait is over: so many nodes hold what its client wrote. */
  void waited(Wait wait, Acknowledgements present);

  /** What a client waited for has an answer. */
  void answer(Ask ask, Consumer<ReplySink> reply);

  /** A wait has come to nothing. */
  void unblocked(Wait wait, String error);

  /** An entry came to nothing: reads that wait for time to move on cannot be served. */
  void timeStandsStill();
}
