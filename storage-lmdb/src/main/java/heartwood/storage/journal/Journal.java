package heartwood.storage.journal;

import heartwood.storage.Directories;
import heartwood.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Records in two files of a fixed size, written in turns, each durable when {@link #append}
 * returns. Confined to one thread.
 *
 * <pre>
 *   file     owner(8) 0...              in the first 512 bytes
 *            record, record, ...        each begins at a multiple of 512
 *
 *   record   magic(4) length(4) sequence(8) CRC-32C(4) 0(4)  body      big endian
 *            the checksum covers owner, sequence, length and body: as nobody outside knows the
 *            owner, no value that a client stores can look like a record
 * </pre>
 *
 * <p>Sequence numbers are consecutive; the caller knows up to which one he has what was written
 * safe elsewhere. What follows it, in whichever file, up to the first record that is not whole, is
 * what {@link #recover} finds. One record is written at a time and only behind a durable one, so
 * only the last can be torn: a whole record behind a broken one means that the disk has lost
 * something that it had promised, and that is an error, not an end.
 *
 * <p>Like every write-ahead log it cannot tell its very last record, rotten, from one that was
 * never finished; and it takes for granted that a write of a page that is torn leaves the blocks of
 * 512 bytes in it that did not change as they were.
 */
public final class Journal implements AutoCloseable {
  /** Of each of the two files. */
  public static final int DEFAULT_FILE_BYTES = 4 << 20;

  /** A record's body begins so far behind the record. */
  public static final int HEADER_BYTES = 24;

  private static final int BLOCK_BYTES = 512;
  private static final int MAGIC = 0x48574A31; // HWJ1
  private static final int FILES = 2;

  private final List<FileChannel> files;
  private final long owner;
  private final int fileBytes;
  private int current;
  private int position = BLOCK_BYTES;
  private long lastSequence;

  private Journal(List<FileChannel> files, long owner, int fileBytes) {
    this.files = files;
    this.owner = owner;
    this.fileBytes = fileBytes;
  }

  /**
   * Makes the files, durably, in an existing directory; replaces what an unfinished creation left.
   *
   * @param owner of the directory, random: another's files are not mistaken for its own
   * @param fileBytes a multiple of 512
   */
  public static void create(Path directory, long owner, int fileBytes) {
    for (int i = 0; i < FILES; i++) {
      try (FileChannel file =
          FileChannel.open(
              path(directory, i),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).putLong(0, owner);
        writeFully(file, block, 0);
        ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
        for (long at = BLOCK_BYTES; at < fileBytes; at += zeros.limit()) {
          zeros.clear().limit((int) Math.min(zeros.capacity(), fileBytes - at));
          writeFully(file, zeros, at);
        }
        file.force(true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    Directories.sync(directory);
  }

  /**
   * @throws StorageException.Corrupt when a file is missing or somebody else's
   */
  public static Journal open(Path directory, long owner) {
    List<FileChannel> files = new ArrayList<>();
    try {
      for (int i = 0; i < FILES; i++) {
        Path path = path(directory, i);
        if (!Files.exists(path)) {
          throw new StorageException.Corrupt(path + ": missing");
        }
        files.add(
            FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DSYNC));
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        if (files.get(i).read(block, 0) < BLOCK_BYTES || block.getLong(0) != owner) {
          throw new StorageException.Corrupt(path + ": of another directory");
        }
      }
      return new Journal(files, owner, (int) files.get(0).size());
    } catch (IOException e) {
      closeAll(files);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      closeAll(files);
      throw e;
    }
  }

  private static Path path(Path directory, int file) {
    return directory.resolve("journal-" + file);
  }

  // ---- Writing ----

  /** Whether a record with a body of so many bytes could ever be written. */
  public boolean fits(int bodyBytes) {
    return BLOCK_BYTES + sizeOf(bodyBytes) <= fileBytes;
  }

  /** Whether such a record can be written now; else the other file must be turned to first. */
  public boolean hasRoom(int bodyBytes) {
    return position + sizeOf(bodyBytes) <= fileBytes;
  }

  /** Begins to overwrite the other file: everything in it must be safe elsewhere. */
  public void turn() {
    current = (current + 1) % FILES;
    position = BLOCK_BYTES;
  }

  /**
   * Writes a record and waits until it is durable.
   *
   * @param record position 0: room for the header; then the body, up to the limit; best direct
   * @return its sequence number
   */
  public long append(ByteBuffer record) throws IOException {
    int bodyBytes = record.limit() - HEADER_BYTES;
    long sequence = lastSequence + 1;
    record
        .putInt(0, MAGIC)
        .putInt(4, bodyBytes)
        .putLong(8, sequence)
        .putInt(16, crc(sequence, bodyBytes, record.duplicate().position(HEADER_BYTES)))
        .putInt(20, 0);
    writeFully(files.get(current), record.position(0), position);
    position += sizeOf(bodyBytes);
    lastSequence = sequence;
    return sequence;
  }

  /** Of the last record, or what it was said to be when the journal was opened. */
  public long lastSequence() {
    return lastSequence;
  }

  private static void writeFully(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    long next = at;
    while (bytes.hasRemaining()) {
      next += file.write(bytes, next);
    }
  }

  // ---- Recovering ----

  /**
   * Hands over the bodies of what was written behind a sequence number, in order. To be called
   * once, before anything is written. The number behind the last one is never given out again: such
   * a record may lie there unfinished.
   *
   * @return the number that the caller must know safe before the first record is written
   * @throws StorageException.Corrupt when a record is missing or damaged that was durable once
   */
  public long recover(long safeSequence, Consumer<ByteBuffer> bodies) {
    List<Found> found = new ArrayList<>();
    for (FileChannel file : files) {
      scan(file, safeSequence, found);
    }
    found.sort(Comparator.comparingLong(record -> record.sequence));
    long expected = safeSequence + 1;
    for (Found record : found) {
      if (record.sequence != expected) {
        throw new StorageException.Corrupt(
            "journal: record "
                + expected
                + " is missing or damaged, and record "
                + record.sequence
                + " is there");
      }
      expected++;
      bodies.accept(record.body);
    }
    lastSequence = expected;
    return lastSequence;
  }

  private record Found(long sequence, ByteBuffer body) {}

  /** Every whole record of a file with a number beyond the safe one, wherever it begins. */
  private void scan(FileChannel file, long safeSequence, List<Found> found) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.allocate((int) file.size());
      while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
        // Reads on.
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int at = BLOCK_BYTES;
    while (at + HEADER_BYTES <= bytes.limit()) {
      int bodyBytes = bytes.getInt(at + 4);
      boolean isWhole =
          bytes.getInt(at) == MAGIC
              && bodyBytes >= 0
              && bodyBytes <= bytes.limit() - at - HEADER_BYTES
              && isWhole(bytes, at, bodyBytes);
      if (isWhole && bytes.getLong(at + 8) > safeSequence) {
        found.add(
            new Found(
                bytes.getLong(at + 8),
                bytes.slice(at + HEADER_BYTES, bodyBytes).asReadOnlyBuffer()));
      }
      at += isWhole ? sizeOf(bodyBytes) : BLOCK_BYTES;
    }
  }

  private boolean isWhole(ByteBuffer bytes, int at, int bodyBytes) {
    ByteBuffer body = bytes.slice(at + HEADER_BYTES, bodyBytes);
    return bytes.getInt(at + 16) == crc(bytes.getLong(at + 8), bodyBytes, body);
  }

  private int crc(long sequence, int bodyBytes, ByteBuffer body) {
    CRC32C crc = new CRC32C();
    crc.update(
        ByteBuffer.allocate(20).putLong(0, owner).putLong(8, sequence).putInt(16, bodyBytes));
    crc.update(body);
    return (int) crc.getValue();
  }

  /** Bytes that a record takes in its file. */
  private static int sizeOf(int bodyBytes) {
    long bytes = (long) HEADER_BYTES + bodyBytes + BLOCK_BYTES - 1;
    return (int) Math.min(Integer.MAX_VALUE - BLOCK_BYTES, bytes - bytes % BLOCK_BYTES);
  }

  @Override
  public void close() {
    closeAll(files);
  }

  private static void closeAll(List<FileChannel> files) {
    for (FileChannel file : files) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // Nothing is lost: every write was synced.
      }
    }
  }
}
