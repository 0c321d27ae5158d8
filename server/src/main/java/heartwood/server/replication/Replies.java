package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;

/**
 * Gathers the replies of a batch and sends them to their clients. Confined to the apply thread;
 * whoever called last has first call on what was gathered.
 */
public interface Replies {
  /** Begins the reply to one operation; valid until {@link #end}. */
  ReplySink begin(Client client, RespVersion version);

  /** Drops what was written since {@link #begin}: the command failed half-way. */
  void restart();

  /** The reply is whole. */
  void end();

  /** The operation is done and its client wants no reply. */
  void none(Client client);

  /** A reply that was made before, as bytes. */
  void ready(Client client, byte[] bytes, int offset, int length);

  /** Sends everything gathered. */
  void flush();
}
