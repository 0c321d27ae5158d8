/**
 * What all commands share: exit codes, failures told in a sentence, durations, JSON, tables.
 *
 * <p>A leaf: knows picocli and the JDK. No threads. Begin with {@link
 * heartwood.tools.console.ExitCode}.
 */
@NullMarked
package heartwood.tools.console;

import org.jspecify.annotations.NullMarked;
