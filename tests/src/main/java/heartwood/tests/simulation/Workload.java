package heartwood.tests.simulation;

import heartwood.raft.message.Configuration;
import java.util.List;

/**
 * What a simulated cluster is used for: the servers that stand on Raft, their clients, and the
 * judgement of what those heard. Confined to the simulation.
 */
interface Workload {
  /** Somebody who asks for things. */
  interface User {
    void begin();

    /** Asks for nothing more. */
    void end();

    /** How many writes were acknowledged since it began. */
    long writes();

    /** How many reads were answered since it began. */
    long reads();
  }

  /** The server of a node, whose state begins with this configuration. */
  SimServer server(SimNode node, Configuration configuration);

  /** A user like any. */
  User any();

  /** A patient user that writes and reads: what it cannot do, the cluster cannot. */
  User probe();

  /** The last index that any node has applied. */
  long lastIndex();

  /** Judges what all clients heard, at the end. */
  void judge(List<SimNode> nodes);

  long acknowledgedWrites();

  long completedReads();
}
