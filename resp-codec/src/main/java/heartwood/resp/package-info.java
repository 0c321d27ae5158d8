/**
 * What a Redis client and a server say to each other, without the bytes: requests, replies,
 * protocol versions.
 *
 * <p>Knows neither Netty nor any other part of Heartwood; {@code heartwood.resp.netty} turns these
 * into bytes and back. Begin with {@link heartwood.resp.Request} and {@link
 * heartwood.resp.ReplySink}.
 */
@NullMarked
package heartwood.resp;

import org.jspecify.annotations.NullMarked;
