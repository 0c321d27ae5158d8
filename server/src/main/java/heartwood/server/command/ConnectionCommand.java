package heartwood.server.command;

import heartwood.resp.ReplySink;

/**
 * A command about a connection or about the node that serves it; never logged. Runs at the
 * command's place in the connection's order, on the event loop or on the apply thread, and never
 * blocks. May throw {@link CommandException}, which becomes its reply.
 */
@FunctionalInterface
public interface ConnectionCommand {
  void run(Arguments args, Connection connection, ReplySink reply);
}
