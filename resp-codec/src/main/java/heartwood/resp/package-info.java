/**
 * What a Redis client and a server say to each other, without the bytes: requests, replies,
 * protocol versions.
 *
 * <pre>
 *   a command reads    Request ──► [command] ──► ReplySink    and writes, value by value
 *   a client gets      Reply, a value of its own, made of Bytes
 *   either side may    throw ProtocolException, and the connection ends
 * </pre>
 *
 * <p>Knows neither Netty nor any other part of Heartwood, and has no threads of its own; {@code
 * heartwood.resp.netty} turns these into bytes and back. Begin with {@link heartwood.resp.Request}
 * and {@link heartwood.resp.ReplySink}.
 */
@NullMarked
package heartwood.resp;

import org.jspecify.annotations.NullMarked;
