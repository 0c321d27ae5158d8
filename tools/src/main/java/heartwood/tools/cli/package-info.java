/**
 * {@code heartwood cli}: our redis-cli, with the options, the output and the habits of that one.
 *
 * <pre>
 *   CliCommand ─► Shell ─► RedisClient ─► Reply ─► ReplyText ─► terminal, pipe
 *                   └─ at a terminal: LineEditor (JLine), DocHints from COMMAND DOCS
 * </pre>
 *
 * <p>The bytes on a pipe are those that redis-cli would write: scripts rely on them. Knows nothing
 * of a server but its protocol. One thread. Begin with {@code Shell}.
 */
@NullMarked
package heartwood.tools.cli;

import org.jspecify.annotations.NullMarked;
