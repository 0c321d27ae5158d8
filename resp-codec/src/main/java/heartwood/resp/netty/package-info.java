/**
 * The protocol's bytes: requests and replies, read and written, over Netty's buffers.
 *
 * <pre>
 *   client                                                       server
 *
 *   RequestEncoder ──► *2 CRLF $3 CRLF GET CRLF $1 CRLF k CRLF ──► RespDecoder ──► Request
 *   (cli, bench)                                                   within FrameLimits     │
 *                                                                                 a command
 *                                                                                         ▼
 *   Reply ◄── ReplyDecoder ◄────────── $5 CRLF hello CRLF ◄────── ByteBufReplySink ◄─ ReplySink
 *
 *   underneath, in both directions:  NumberLine, a short line as one eight-byte word
 * </pre>
 *
 * <p>Begin with {@link heartwood.resp.netty.RespDecoder}, which every byte of every client passes,
 * then {@link heartwood.resp.netty.ByteBufReplySink}. Nothing here knows a command, a channel, a
 * thread or a clock: who appends to the buffers, and when, is the caller's affair. Every object
 * belongs to one connection and is confined to its thread.
 *
 * <p>Why not netty-codec-redis? The server must not build an object per argument, nor show a
 * request before its last byte is here; and the codec knows only RESP2 (of the type bytes {@code +
 * - : $ *}), while today's clients open with HELLO 3. So it serves as the oracle of our tests: what
 * it can read, we read alike.
 *
 * <p>The tests compare with a real redis-server too, where one is installed. A fuzzer runs for a
 * moment in each build, and for five minutes with {@code mvn -q -pl resp-codec test
 * -Dtest=RespFuzzerTest -Dfuzz.seconds=300}.
 */
@NullMarked
package heartwood.resp.netty;

import org.jspecify.annotations.NullMarked;
