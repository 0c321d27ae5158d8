package heartwood.raft.core;

import static heartwood.raft.core.TestNode.logOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaftLogTest {
  private static final int RUNS = 300;

  @Test
  void knowsTheTermOfEveryEntryFromTheBaseOn() {
    RaftLog log = logOf(1, 1, 3, 3, 4);

    assertThat(log.termAt(0)).isZero();
    assertThat(log.termAt(2)).isEqualTo(1);
    assertThat(log.termAt(4)).isEqualTo(3);
    assertThat(log.lastTerm()).isEqualTo(4);
    assertThatThrownBy(() -> log.termAt(6)).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void leavesNoGap() {
    assertThatThrownBy(() -> logOf(1).append(3, 1, 0)).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void theMoreUpToDateLogHasTheLaterTermOrElseIsLonger() { // Raft §5.4.1
    RaftLog log = logOf(1, 2, 2);

    assertThat(log.isUpToDate(3, 2)).isTrue();
    assertThat(log.isUpToDate(2, 2)).isFalse();
    assertThat(log.isUpToDate(1, 3)).isTrue();
    assertThat(log.isUpToDate(9, 1)).isFalse();
  }

  @Test
  void tellsWhereATermBeginsAndWhereTermsUpToItEnd() {
    RaftLog log = logOf(1, 2, 2, 4, 4);

    assertThat(log.firstIndexOfTermAt(3)).isEqualTo(2);
    assertThat(log.lastIndexWithTermAtMost(2)).isEqualTo(3);
    assertThat(log.lastIndexWithTermAtMost(3)).isEqualTo(3);
    assertThat(log.lastIndexWithTermAtMost(9)).isEqualTo(5);
  }

  @Test
  void behavesLikeAPlainListUnderAnyChanges() {
    for (int run = 0; run < RUNS; run++) {
      SplitMix64 random = new SplitMix64(run);
      RaftLog log = RaftLog.empty();
      List<long[]> list = new ArrayList<>(); // Term and bytes; what is compacted is null.
      list.add(new long[] {0, 0});
      long base = 0;
      long term = 1;
      for (int change = 0; change < 60; change++) {
        int last = list.size() - 1;
        int chosen = random.nextInt(10);
        if (chosen < 6) {
          term += random.nextInt(2);
          int bytes = random.nextInt(100);
          log.append(last + 1, term, bytes);
          list.add(new long[] {term, bytes});
        } else if (chosen < 8 && last > base) {
          int from = (int) (base + 1 + random.nextInt((int) (last - base)));
          log.truncate(from);
          list.subList(from, list.size()).clear();
        } else if (chosen == 8 && last > base) {
          base += 1 + random.nextInt((int) (last - base));
          log.compact(base);
        } else if (chosen == 9 && random.nextInt(5) == 0) {
          base = last + 3L;
          while (list.size() <= base) {
            list.add(new long[] {term, 0});
          }
          log.reset(base, term);
        }
        requireAlike(log, list, base);
      }
    }
  }

  private static void requireAlike(RaftLog log, List<long[]> list, long base) {
    assertThat(log.baseIndex()).isEqualTo(base);
    assertThat(log.lastIndex()).isEqualTo(list.size() - 1);
    for (long index = base; index < list.size(); index++) {
      assertThat(log.termAt(index)).isEqualTo(list.get((int) index)[0]);
      if (index > base) {
        assertThat((long) log.bytesAt(index)).isEqualTo(list.get((int) index)[1]);
      }
    }
  }
}
