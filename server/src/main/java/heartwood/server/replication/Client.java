package heartwood.server.replication;

import heartwood.resp.RespVersion;
import heartwood.server.command.Caller;

/**
 * Who asked: as much of a client as a batch must know. Read on the client's event loop only, apart
 * from what {@link Caller} offers.
 */
public interface Client extends Caller {
  /** The database that the next command means. */
  int database();

  RespVersion version();

  /** Whether nobody is there any more to be answered. Any thread. */
  boolean isGone();

  /** Whether the next command is not to be answered (CLIENT REPLY OFF and SKIP). */
  boolean isSilent();
}
