/**
 * What a node can be told, in the syntax of redis.conf.
 *
 * <p>{@link heartwood.server.config.Directives} lists every directive once: name, type, default,
 * when it may change, a line of help. The parser, the {@code --flags}, CONFIG GET, SET and REWRITE,
 * {@code --help} and the README's table all follow from that list.
 *
 * <pre>
 *   redis.conf, --flags ─► ConfigReader ─► ServerConfig ─► LiveConfig ◄─ CONFIG GET, SET, REWRITE
 *                                          immutable       the present one
 * </pre>
 *
 * <p>A leaf: knows the JDK and no other part of Heartwood. Begin with {@code Directives}.
 */
@NullMarked
package heartwood.server.config;

import org.jspecify.annotations.NullMarked;
