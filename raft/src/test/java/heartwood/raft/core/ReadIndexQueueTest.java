package heartwood.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadIndexQueueTest {
  private final ReadIndexQueue reads = new ReadIndexQueue();

  @Test
  void aRoundTakesAllThatWaitAndLeavesLaterOnesToTheNext() {
    reads.add(1);
    reads.add(2);
    reads.begin(10);
    reads.add(3);

    assertThat(reads.finish()).isEqualTo(new ReadIndexQueue.Round(2, 10, Map.of()));
    assertThat(reads.canBegin()).isTrue();
    reads.begin(11);
    assertThat(reads.finish()).isEqualTo(new ReadIndexQueue.Round(3, 11, Map.of()));
  }

  @Test
  void onlyAnswersToTheRoundThatIsOutConfirmIt() {
    reads.add(1);
    reads.begin(10);
    long first = reads.round();
    reads.confirm(TestNode.node(2), first);
    reads.finish();
    reads.add(2);
    reads.begin(10);

    assertThat(reads.isConfirmedBy(TestNode.node(2))).isFalse();
    reads.confirm(TestNode.node(2), first);
    assertThat(reads.isConfirmedBy(TestNode.node(2))).isFalse();
    reads.confirm(TestNode.node(2), reads.round());
    assertThat(reads.isConfirmedBy(TestNode.node(2))).isTrue();
  }

  @Test
  void failingEmptiesIt() {
    reads.add(1);
    reads.begin(10);
    reads.add(2);

    assertThat(reads.fail()).isEqualTo(2);
    assertThat(reads.fail()).isZero();
    assertThat(reads.canBegin()).isFalse();
  }
}
