/**
 * Nodes in this JVM: {@code heartwood server}, one, and {@code heartwood demo}, three and a shell.
 *
 * <p>Says what logback writes and where. A signal ends the JVM by way of one shutdown hook, which
 * closes what is open. Begin with {@code ServerCommand}.
 */
@NullMarked
package heartwood.tools.node;

import org.jspecify.annotations.NullMarked;
