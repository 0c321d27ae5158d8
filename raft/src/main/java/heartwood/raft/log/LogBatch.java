package heartwood.raft.log;

import heartwood.raft.message.LogEntry;
import java.util.List;

/**
 * One durable change of the log: entries are put at their indexes, whatever stood at the first of
 * them or behind is cut, and the hard state is replaced. Immutable.
 *
 * @param entries consecutive in index, not below the log's first index, the first at most one
 *     beyond the log's last; may be empty, and then nothing is cut
 */
public record LogBatch(List<LogEntry> entries, HardState hardState) {}
