package heartwood.server.dispatch;

import heartwood.resp.RespVersion;
import heartwood.server.command.Acknowledgements;
import heartwood.server.command.WaitCommand;

/**
 * A client in WAIT or WAITAOF. Immutable.
 *
 * @param version in which the reply is written
 * @param isSilent whether the client asked for no reply
 * @param beginNanos when it began, by {@link System#nanoTime}
 * @param timeoutMillis 0: for ever
 */
public record Wait(
    DispatchedClient client,
    RespVersion version,
    boolean isSilent,
    WaitCommand command,
    Acknowledgements wanted,
    long beginNanos,
    long timeoutMillis) {}
