package heartwood.server.dispatch;

import heartwood.resp.Request;
import heartwood.server.command.CommandSpec;

/** The way to the leader for commands that this node may not answer. One per event loop. */
public interface Forwarding {
  /** Sends a command; its reply comes to the client by itself, in order. */
  void forward(DispatchedClient client, CommandSpec spec, Request request);
}
