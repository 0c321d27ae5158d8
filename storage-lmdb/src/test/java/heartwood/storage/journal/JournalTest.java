package heartwood.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final long OWNER = 0x1234_5678_9ABC_DEF0L;
  private static final int FILE_BYTES = 4096; // One block of header, seven for records.

  private final Path directory;

  JournalTest(@TempDir Path directory) {
    this.directory = directory;
    Journal.create(directory, OWNER, FILE_BYTES);
  }

  @Test
  void aNewJournalHoldsNothing() {
    assertThat(recovered(0)).isEmpty();
  }

  @Test
  void whatWasWrittenIsFoundInOrderBehindWhatIsSafe() throws IOException {
    write(0, "a", "b", "c");

    assertThat(recovered(1)).containsExactly("a", "b", "c");
    assertThat(recovered(3)).containsExactly("c");
    assertThat(recovered(4)).isEmpty();
  }

  @Test
  void recordsOfBothFilesAreOneSequence() throws IOException {
    try (Journal journal = Journal.open(directory, OWNER)) {
      journal.recover(0, body -> {});
      journal.append(record("a"));
      journal.turn();
      journal.append(record("b"));
    }

    assertThat(recovered(1)).containsExactly("a", "b");
  }

  @Test
  void aFileHasRoomForWhatFitsIntoItsBlocks() throws IOException {
    try (Journal journal = Journal.open(directory, OWNER)) {
      journal.recover(0, body -> {});
      int most = 7 * 512 - Journal.HEADER_BYTES;

      assertThat(journal.fits(most)).isTrue();
      assertThat(journal.fits(most + 1)).isFalse();
      assertThat(journal.fits(Integer.MAX_VALUE)).isFalse();
      journal.append(record("x".repeat(most)));
      assertThat(journal.hasRoom(0)).isFalse();
      journal.turn();
      assertThat(journal.hasRoom(most)).isTrue();
    }
    assertThat(recovered(1)).hasSize(1);
  }

  @Test
  void anUnfinishedRecordIsTheEnd() throws IOException {
    write(0, "a", "b", "x".repeat(1000));
    damage(0, 512 * 4); // The second of the last record's blocks.

    assertThat(recovered(1)).containsExactly("a", "b");
  }

  /** A number is used once: what was unfinished, and turns up whole after all, is not believed. */
  @Test
  void theNumberOfAnUnfinishedRecordIsNotGivenOutAgain() throws IOException {
    write(0, "a", "torn");
    byte[] whole = Files.readAllBytes(file(0));
    damage(0, 512 * 2 + 24);
    assertThat(recovered(1)).containsExactly("a");

    long safe; // What the log does at a start: it moves "a" away, and writes on.
    try (Journal journal = Journal.open(directory, OWNER)) {
      safe = journal.recover(1, body -> {});
      journal.append(record("new"));
    }
    byte[] revived = Files.readAllBytes(file(0));
    System.arraycopy(whole, 512 * 2, revived, 512 * 2, 512);
    Files.write(file(0), revived);

    assertThat(recovered(safe)).containsExactly("new");
  }

  @Test
  void aWholeRecordBehindADamagedOneIsRotAndNoEnd() throws IOException {
    write(0, "a", "b", "c");
    damage(0, 512 * 2 + 24);

    assertThatThrownBy(() -> recovered(1))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("record 3 is missing or damaged, and record 4 is there");
  }

  @Test
  void aLostFileOrAnothersIsNoticed() throws IOException {
    assertThatThrownBy(() -> Journal.open(directory, OWNER + 1))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("of another directory");
    Files.delete(file(1));
    assertThatThrownBy(() -> Journal.open(directory, OWNER))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("journal-1: missing");
  }

  /** A client's value may look like a record, but for a checksum that nobody outside can know. */
  @Test
  void aValueIsNotMistakenForARecord() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    Journal.create(other, OWNER + 1, FILE_BYTES);
    try (Journal journal = Journal.open(other, OWNER + 1)) {
      journal.recover(2, body -> {});
      journal.append(record("forged")); // Number 4.
    }
    byte[] forged = Arrays.copyOfRange(Files.readAllBytes(other.resolve("journal-0")), 512, 1024);
    write(0, "a"); // Number 2.
    byte[] bytes = Files.readAllBytes(file(0));
    System.arraycopy(forged, 0, bytes, 1024, 512);
    Files.write(file(0), bytes);

    assertThat(recovered(1)).containsExactly("a");
  }

  /** Whatever is written, and wherever the journal turns: what is not safe elsewhere is found. */
  @Test
  void nothingIsLostBehindWhatIsSafe() throws IOException {
    for (long seed = 1; seed <= 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<String> unsafe = new ArrayList<>();
      long safe;
      Journal.create(directory, OWNER, FILE_BYTES);
      Journal journal = Journal.open(directory, OWNER);
      safe = journal.recover(0, body -> {});
      int inOther = 0;
      for (int step = 0; step < 40; step++) {
        String text = step + "-" + "y".repeat(random.nextInt(1500));
        if (!journal.hasRoom(text.length())) {
          unsafe.subList(0, inOther).clear(); // The other file is safe before it is overwritten.
          safe += inOther;
          inOther = unsafe.size();
          journal.turn();
        }
        journal.append(record(text));
        unsafe.add(text);
        if (random.nextInt(8) == 0) {
          journal.close();
          journal = Journal.open(directory, OWNER);
          List<String> found = new ArrayList<>();
          safe = journal.recover(safe, body -> found.add(text(body)));
          assertThat(found).as("seed %d step %d", seed, step).isEqualTo(unsafe);
          unsafe.clear();
          inOther = 0;
        }
      }
      journal.close();
    }
  }

  private void write(long safe, String... texts) throws IOException {
    try (Journal journal = Journal.open(directory, OWNER)) {
      journal.recover(safe, body -> {});
      for (String text : texts) {
        journal.append(record(text));
      }
    }
  }

  private List<String> recovered(long safe) {
    List<String> found = new ArrayList<>();
    try (Journal journal = Journal.open(directory, OWNER)) {
      journal.recover(safe, body -> found.add(text(body)));
    }
    return found;
  }

  private static ByteBuffer record(String text) {
    byte[] body = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(Journal.HEADER_BYTES + body.length).put(Journal.HEADER_BYTES, body);
  }

  private static String text(ByteBuffer body) {
    return StandardCharsets.US_ASCII.decode(body).toString();
  }

  private Path file(int number) {
    return directory.resolve("journal-" + number);
  }

  private void damage(int file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file(file));
    bytes[at] ^= 1;
    Files.write(file(file), bytes);
  }
}
