/** How Redis types lie in ordered keys, and the operations that the commands are written in. */
@NullMarked
package heartwood.server.keyspace;

import org.jspecify.annotations.NullMarked;
