package heartwood.tests.simulation;

import heartwood.raft.core.Role;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.RaftNode;
import heartwood.raft.node.StateMachine;
import org.jspecify.annotations.Nullable;

/**
 * What stands on a node's Raft: its state, what of it survives the process, and the requests of its
 * clients. One per node, for all of its processes. Confined to the simulation.
 */
interface SimServer extends StateMachine, SnapshotStore {
  /** A process begins with what the last one left; returns the configuration of that state. */
  Configuration open(SimThreads threads);

  /** The process has its Raft, which is not started. */
  void attach(RaftNode raft);

  /** A unit of Raft's time has passed. Raft loop. */
  void onTick();

  /** Raft loop. */
  void onRoleChanged(Role role, long term, @Nullable NodeId leader);

  /** Raft loop. */
  void onProposalSlot();

  /** Begins a checkpoint, if the log is durable as far as the state has come. */
  void checkpoint();

  /** While no process runs: the state is gone, the log is not. */
  void loseState();

  /** Whether it is gone, and no snapshot has come since. */
  boolean isStateLost();

  /** The process is dead: what is not durable is gone, and clients hear nothing more of it. */
  void die();

  /** A request that was taken and never answered; null: none. */
  @Nullable String unanswered();

  /** Throws unless the state is the one that follows its applied index. */
  void requireAgrees();

  /** In a few words, for {@link SimNode#describe}. */
  default String describe() {
    return "applied=" + appliedIndex() + " durable=" + durableIndex();
  }
}
