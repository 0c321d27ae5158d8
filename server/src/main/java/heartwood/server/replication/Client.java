package heartwood.server.replication;

import heartwood.resp.RespVersion;

/** Who asked: as much of a client as a batch must know. Read on the client's event loop only. */
public interface Client {
  /** The database that the next command means. */
  int database();

  RespVersion version();

  /** Whether the next command is not to be answered (CLIENT REPLY OFF and SKIP). */
  boolean isSilent();
}
