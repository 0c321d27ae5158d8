package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.Keyspace;

/**
 * A command over the data. Runs on the apply thread; a function of its arguments and the keyspace
 * alone, so that it does the same on every node.
 */
@FunctionalInterface
public interface KeyspaceCommand {
  void run(Arguments args, Keyspace keyspace, ReplySink reply);
}
