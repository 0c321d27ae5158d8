package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;

/**
 * What a group's log is, beside its entries: written in every transaction that changes any of it.
 * Immutable.
 *
 * @param baseChain value of the hash chain at the base
 * @param lastIndex invariant: the table holds exactly the rows {@code baseIndex + 1 .. lastIndex}
 * @param sizeBytes payloads and overhead of the kept entries
 */
record GroupState(
    long baseIndex,
    long baseTerm,
    long baseChain,
    long lastIndex,
    long sizeBytes,
    HardState hardState) {

  /** The empty log behind a base. */
  static GroupState empty(long baseIndex, long baseTerm, HardState hardState) {
    long chain = LogRow.chainOfReset(baseIndex, baseTerm);
    return new GroupState(baseIndex, baseTerm, chain, baseIndex, 0, hardState);
  }

  GroupState withBase(long index, long term, long chain, long newSizeBytes) {
    return new GroupState(index, term, chain, lastIndex, newSizeBytes, hardState);
  }

  GroupState withLast(long index, long newSizeBytes) {
    return new GroupState(baseIndex, baseTerm, baseChain, index, newSizeBytes, hardState);
  }

  GroupState withHardState(HardState newHardState) {
    return new GroupState(baseIndex, baseTerm, baseChain, lastIndex, sizeBytes, newHardState);
  }

  GroupState withCommitIndex(long commitIndex) {
    return withHardState(new HardState(hardState.currentTerm(), hardState.votedFor(), commitIndex));
  }
}
