/** The Redis commands: one small file per family, one table that lists them all. */
@NullMarked
package heartwood.server.command;

import org.jspecify.annotations.NullMarked;
