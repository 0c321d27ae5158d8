package heartwood.storage.history;

/**
 * Versions that died in a range of revisions, sorted, in a table of their own. Immutable.
 *
 * @param id names the run for ever; grows
 * @param slot the number of its table
 * @param level 0 as a checkpoint left it, else how many times it was merged
 * @param toRevision its latest death; all deaths of the next run are later
 * @param versionCount how many versions it holds
 * @param byteCount of blocks and filter in the table
 */
public record Run(
    long id, int slot, int level, long toRevision, long versionCount, long byteCount) {}
