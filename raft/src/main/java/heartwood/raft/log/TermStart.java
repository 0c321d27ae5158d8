package heartwood.raft.log;

/**
 * Where a term begins in the log. The log's terms never decrease, so these few rows tell the term
 * of every entry. Immutable.
 *
 * @param firstIndex of the first kept entry of that term
 */
public record TermStart(long term, long firstIndex) {}
