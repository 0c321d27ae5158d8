/**
 * A small client for tools: one blocking socket, the bytes by {@code resp-codec}, no pool.
 *
 * <p>{@link heartwood.tools.client.RespConnection} sends and reads; {@link
 * heartwood.tools.client.RedisClient} above it logs in, connects again and follows {@code MOVED}.
 * Everything here is confined to one thread.
 */
@NullMarked
package heartwood.tools.client;

import org.jspecify.annotations.NullMarked;
