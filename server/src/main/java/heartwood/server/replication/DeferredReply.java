package heartwood.server.replication;

import heartwood.resp.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * The reply to one operation that is made on another thread, while what its client is answered
 * later waits behind it. Confined to that thread between {@link Replies#defer} and {@link
 * Replies#end(DeferredReply)}.
 */
public interface DeferredReply {
  ReplySink sink();

  /** The code word of the error that was written; null if it is none. */
  @Nullable String error();

  /** Takes back all that was written: the client wants no reply, or another one. */
  void clear();
}
