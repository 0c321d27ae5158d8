/**
 * Raft's vocabulary: entries, configurations, the messages between peers and their bytes.
 *
 * <p>Knows no other package. Everything here is an immutable value. Begin with {@link
 * heartwood.raft.message.LogEntry}.
 */
@NullMarked
package heartwood.raft.message;

import org.jspecify.annotations.NullMarked;
