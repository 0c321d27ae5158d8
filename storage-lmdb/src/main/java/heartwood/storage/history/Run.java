package heartwood.storage.history;

/**
 * Versions that died in a range of revisions, sorted, in a table of their own. Immutable.
 *
 * @param id names the run for ever; grows
 * @param slot the number of its table
 * @param level 0 as a checkpoint left it, else how many times it was merged
 * @param fromRevision its deaths are later
 * @param toRevision its latest death; no death of the next run is earlier
 * @param versionCount how many versions it holds
 * @param byteCount of blocks and filter in the table
 */
public record Run(
    long id,
    int slot,
    int level,
    long fromRevision,
    long toRevision,
    long versionCount,
    long byteCount) {}
