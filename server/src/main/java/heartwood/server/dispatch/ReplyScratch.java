package heartwood.server.dispatch;

import heartwood.resp.ReplySink;

/** Where an event loop writes a reply that it makes itself. Confined to the loop, used again. */
public interface ReplyScratch {
  /**
   * Begins a reply; what was written before is gone. Each value is written in the protocol that the
   * client speaks by then: HELLO answers in the new one.
   */
  ReplySink begin(DispatchedClient client);

  byte[] bytes();

  int length();
}
