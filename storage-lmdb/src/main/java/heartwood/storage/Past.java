package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * What a {@link Store} remembers: each row as it was at every revision from the horizon on, with
 * the time of the revision. A revision is one command of the log; several may have one stamp.
 *
 * <p>Confined to one thread: that of {@link Store#past()} to the apply thread, that of a snapshot
 * to whoever has the snapshot.
 */
public interface Past {
  /** The oldest revision that can be asked. Never goes down. */
  long horizon();

  /**
   * The state as it was when a revision had been committed. Buffers and cursors hold as those of
   * {@link Store#read()} do. A revision that wrote nothing, or was discarded, left the state as it
   * was, and the store may never hear of it: so one above all that were committed is the last.
   *
   * @throws IllegalArgumentException when the revision is below the horizon
   */
  ReadTxn at(long revision);

  /**
   * The last revision of a stamp that is not later, as far as whole entries have been applied: when
   * the stamp is earlier than that of the last entry, the answer is the same for ever. 0 when all
   * that is remembered is later.
   */
  long revisionAt(long stampMillis);

  /**
   * The stamp of the entry to which a revision belongs; 0 for revision 0. A revision of the entry
   * under way has that of the entry before.
   *
   * @throws IllegalArgumentException when the revision is below the horizon
   */
  long stampOf(long revision);

  /**
   * The horizon that would leave about so many bytes of versions, counted alike on every node: keys
   * and values of all that was written since, the versions of now among them.
   */
  long revisionKeeping(long maxBytes);

  /**
   * Keys and values of all versions ever written, by the end of the entry of a revision; two nodes
   * may differ by what one millisecond wrote.
   */
  long writtenBytes(long revision);

  /**
   * The versions of a row that were seen at some revision of {@code from} to {@code to}, the
   * youngest first. Must be closed before the next write.
   *
   * @throws IllegalArgumentException when {@code from} is below the horizon
   */
  Versions versions(byte[] key, long from, long to);

  /**
   * The changes of listed rows in the revisions {@code after < r <= to}, the oldest first; within a
   * revision in the order of their keys. Must be closed before the next write.
   *
   * @throws IllegalArgumentException when {@code after} is below the horizon
   */
  Changes changes(long after, long to);

  /** A walk over the versions of one row; stands before the first when new. */
  interface Versions extends AutoCloseable {
    /** Marks a version that has not died. */
    long ALIVE = Long.MAX_VALUE;

    boolean next();

    /** The revision that wrote the version. */
    long born();

    /** The revision that overwrote or deleted it, or {@link #ALIVE}. */
    long died();

    /** Read-only, big endian; valid until the next move. */
    ByteBuffer value();

    @Override
    void close();
  }

  /** A walk over changes; stands before the first when new. */
  interface Changes extends AutoCloseable {
    boolean next();

    long revision();

    /** What {@link Store#write(long, int)} was told about the revision. */
    int operation();

    /** The row that was written or deleted; valid until the next move. */
    ByteBuffer key();

    @Override
    void close();
  }
}
