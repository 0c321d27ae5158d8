package heartwood.storage.version;

/** Where long work lets others have the processor. */
@FunctionalInterface
interface Pace {
  /** Goes through without a rest. */
  Pace HURRIED = done -> {};

  /**
   * Called every millisecond or so of work.
   *
   * @param done the part of the work that is done, 0 to 1
   */
  void rest(double done);
}
