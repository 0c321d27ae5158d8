/**
 * Everything behind the {@code heartwood} command.
 *
 * <pre>
 *   Main ─┬─ node      server, demo
 *         ├─ cluster   cluster start|stop|…, status      ┐
 *         └─ cli       cli                               ├─► client ─► resp-codec
 *                                                        ┘
 *   console: what all of them share
 * </pre>
 */
@NullMarked
package heartwood.tools;

import org.jspecify.annotations.NullMarked;
