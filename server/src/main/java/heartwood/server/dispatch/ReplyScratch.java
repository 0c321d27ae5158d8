package heartwood.server.dispatch;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;

/** Where an event loop writes a reply that it makes itself. Confined to the loop, used again. */
public interface ReplyScratch {
  /** Begins a reply; what was written before is gone. */
  ReplySink begin(RespVersion version);

  byte[] bytes();

  int length();
}
