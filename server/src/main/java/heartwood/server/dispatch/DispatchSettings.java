package heartwood.server.dispatch;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What decides about commands and may change while the node runs. Any thread.
 *
 * @param allowsCrossSlot whether a command may name keys of several slots on the redirect port
 * @param leaderWaitMillis how long a command waits for somebody to lead
 * @param momentWaitMillis how long a read waits for a moment that is still to come
 * @param clockMillis this node's clock, by which "a while ago" is meant
 */
public record DispatchSettings(
    BooleanSupplier allowsCrossSlot,
    LongSupplier leaderWaitMillis,
    LongSupplier momentWaitMillis,
    LongSupplier clockMillis) {}
