package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;

/**
 * What a group's log is, beside its entries: written in every transaction that changes any of it.
 * Immutable.
 *
 * @param baseChain value of the hash chain at the base
 * @param lastIndex invariant: the table holds exactly the rows {@code baseIndex + 1 .. lastIndex}
 * @param sizeBytes payloads and overhead of the kept entries
 * @param journalSequence the records of the journal up to this one are in it
 */
record GroupState(
    long baseIndex,
    long baseTerm,
    long baseChain,
    long lastIndex,
    long sizeBytes,
    HardState hardState,
    long journalSequence) {

  /** The empty log behind a base. */
  static GroupState empty(
      long baseIndex, long baseTerm, HardState hardState, long journalSequence) {
    long chain = LogRow.chainOfReset(baseIndex, baseTerm);
    return new GroupState(baseIndex, baseTerm, chain, baseIndex, 0, hardState, journalSequence);
  }

  GroupState withBase(long index, long term, long chain, long newSizeBytes) {
    return new GroupState(index, term, chain, lastIndex, newSizeBytes, hardState, journalSequence);
  }

  GroupState withLast(long index, long newSizeBytes) {
    return new GroupState(
        baseIndex, baseTerm, baseChain, index, newSizeBytes, hardState, journalSequence);
  }

  GroupState withHardState(HardState newHardState) {
    return new GroupState(
        baseIndex, baseTerm, baseChain, lastIndex, sizeBytes, newHardState, journalSequence);
  }

  /** Only what is applied is compacted or replaced: so it is committed. */
  GroupState withBaseCommitted() {
    long commitIndex = Math.max(hardState.commitIndex(), baseIndex);
    return withHardState(new HardState(hardState.currentTerm(), hardState.votedFor(), commitIndex));
  }

  GroupState withJournalSequence(long sequence) {
    return new GroupState(
        baseIndex, baseTerm, baseChain, lastIndex, sizeBytes, hardState, sequence);
  }
}
