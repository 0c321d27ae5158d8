package heartwood.server.dispatch;

import heartwood.resp.RespVersion;

/**
 * A client that waits for an answer of the raft loop. Immutable.
 *
 * @param version in which the reply is written
 * @param isSilent whether the client asked for no reply
 */
public record Ask(DispatchedClient client, RespVersion version, boolean isSilent) {}
