package heartwood.raft.node;

import heartwood.raft.core.CoreOptions;

/**
 * The node's numbers. Immutable: begin with {@link #DEFAULT}, and name what differs.
 *
 * @param cacheBytes how many bytes of recent entries are kept at hand for peers and for applying
 * @param maxLogBytes beyond this the log is cut behind the durable state
 * @param unknownAfterTicks how long a node that lost leadership waits to learn the fate of what it
 *     proposed
 * @param snapshotChunkBytes how much of a snapshot travels in one message, which is one frame
 * @param snapshotBytesPerTick how much of snapshots leaves in a tick, to all peers together; 0: as
 *     much as they ask for
 * @param digestIntervalTicks how often a leader tells what its state came to
 * @param maxWriteTicks a write to the log that lasts for so long says that the disk has stalled
 */
public record NodeOptions(
    CoreOptions core,
    long cacheBytes,
    long maxLogBytes,
    int unknownAfterTicks,
    int snapshotChunkBytes,
    long snapshotBytesPerTick,
    int digestIntervalTicks,
    int maxWriteTicks) {
  public static final NodeOptions DEFAULT =
      new NodeOptions(
          CoreOptions.DEFAULT, 16L << 20, 1L << 30, 150, (1 << 20) - 1024, 1 << 20, 100, 100);

  /** The same with other numbers of the core. */
  public NodeOptions withCore(CoreOptions core) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with another cache of entries. */
  public NodeOptions withCacheBytes(long cacheBytes) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with another limit of the log. */
  public NodeOptions withMaxLogBytes(long maxLogBytes) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with another patience after leadership was lost. */
  public NodeOptions withUnknownAfterTicks(int unknownAfterTicks) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with other pieces of snapshots. */
  public NodeOptions withSnapshotChunkBytes(int snapshotChunkBytes) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with another pace of snapshots; 0: as fast as they are asked for. */
  public NodeOptions withSnapshotBytesPerTick(long snapshotBytesPerTick) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with another interval between two digests. */
  public NodeOptions withDigestIntervalTicks(int digestIntervalTicks) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }

  /** The same with another patience for the disk. */
  public NodeOptions withMaxWriteTicks(int maxWriteTicks) {
    return new NodeOptions(
        core,
        cacheBytes,
        maxLogBytes,
        unknownAfterTicks,
        snapshotChunkBytes,
        snapshotBytesPerTick,
        digestIntervalTicks,
        maxWriteTicks);
  }
}
