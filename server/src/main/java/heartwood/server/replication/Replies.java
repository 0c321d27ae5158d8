package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the replies to operations, in order, and sends them to their clients. Confined to the
 * apply thread.
 */
public interface Replies {
  /** Begins the reply to one operation; valid until {@link #end} or {@link #cancel}. */
  ReplySink begin(Client client, RespVersion version);

  /** The code word of the error that was written since {@link #begin}; null if it is none. */
  @Nullable String error();

  /** The reply is whole: it answers one operation of its client. */
  void end();

  /** Drops what was written since {@link #begin}, as if it had not begun. */
  void cancel();

  /** An operation of the client is done and wants no reply. */
  void none(Client client);

  /** A reply to one operation that was made before, as bytes. */
  void ready(Client client, byte[] bytes, int offset, int length);

  /** Begins a reply that ends later; all that the client is answered from now on goes behind it. */
  DeferredReply defer(Client client, RespVersion version);

  /** A reply that was deferred is whole, or empty: it answers its operation, and leaves at once. */
  void end(DeferredReply reply);

  /** Sends everything gathered. */
  void flush();
}
