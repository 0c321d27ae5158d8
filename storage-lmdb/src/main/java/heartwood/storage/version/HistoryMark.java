package heartwood.storage.version;

/**
 * How far a state remembers, stored with it. Equal on all nodes at equal index. Immutable.
 *
 * @param horizon the oldest revision that can be asked
 * @param writtenBytes keys and values of all versions ever written that have a past: what the
 *     versions since a revision take at most is the difference
 */
record HistoryMark(long horizon, long writtenBytes) {
  static final HistoryMark NONE = new HistoryMark(0, 0);
}
