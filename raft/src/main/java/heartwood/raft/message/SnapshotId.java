package heartwood.raft.message;

/**
 * Which snapshot, of which node: two files that differ in one byte differ here. Immutable.
 *
 * @param node who staged it and serves it
 * @param lastIncludedIndex the last entry that the state reflects (Raft §7)
 * @param lastIncludedTerm that entry's term
 * @param byteCount length of the file
 * @param digest of the file's bytes
 */
public record SnapshotId(
    NodeId node, long lastIncludedIndex, long lastIncludedTerm, long byteCount, long digest) {}
