package heartwood.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.SnapshotId;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final int MAX_WINDOW = 4 * Progress.INITIAL_WINDOW_BYTES;

  private final Progress progress = new Progress(10, MAX_WINDOW);

  @Test
  void probesOneAtATime() {
    assertThat(progress.canProbe()).isTrue();
    progress.onProbeSent();
    assertThat(progress.canProbe()).isFalse();
    progress.onHeartbeatReply();
    assertThat(progress.canProbe()).isTrue();
  }

  @Test
  void sendsWithinItsWindowAndGoesOnWhenRoomIsMade() {
    progress.becomeReplicate();
    progress.onEntriesSent(10, Progress.INITIAL_WINDOW_BYTES);
    assertThat(progress.hasRoom()).isFalse();

    progress.maybeUpdate(10);

    assertThat(progress.hasRoom()).isTrue();
  }

  @Test
  void theWindowGrowsWhileItLimitsAndNoFurtherThanAllowed() {
    progress.becomeReplicate();
    long index = 10;
    long sentAtOnce = 0;
    for (int round = 0; round < 10; round++) {
      long first = index;
      while (progress.hasRoom()) {
        progress.onEntriesSent(index++, 1024);
      }
      sentAtOnce = (index - first) * 1024;
      progress.maybeUpdate(index - 1);
    }

    assertThat(sentAtOnce).isEqualTo(MAX_WINDOW);
  }

  @Test
  void aMatchIsNeverForgotten() {
    assertThat(progress.maybeUpdate(7)).isTrue();
    assertThat(progress.maybeUpdate(5)).isFalse();
    progress.becomeProbe();

    assertThat(progress.matchIndex()).isEqualTo(7);
    assertThat(progress.nextIndex()).isEqualTo(8);
  }

  @Test
  void aRejectionStepsBackButNotBelowTheMatch() {
    progress.maybeUpdate(4);

    assertThat(progress.maybeStepBack(9, 2)).isTrue();

    assertThat(progress.nextIndex()).isEqualTo(5);
  }

  @Test
  void aRejectionOfSomethingElseIsStale() {
    assertThat(progress.maybeStepBack(5, 2)).isFalse();
    assertThat(progress.maybeStepBack(9, 2)).isTrue();
    assertThat(progress.maybeStepBack(9, 2)).isFalse();
  }

  @Test
  void silenceLeadsBackToProbing() {
    progress.becomeReplicate();
    progress.onEntriesSent(10, 1);

    for (int tick = 0; tick < 20; tick++) {
      progress.onTick(20);
    }

    assertThat(progress.state()).isEqualTo(Progress.State.PROBE);
    assertThat(progress.nextIndex()).isEqualTo(1);
  }

  @Test
  void aFollowerWithNothingToAnswerIsNotSilent() {
    progress.becomeReplicate();

    for (int tick = 0; tick < 100; tick++) {
      progress.onTick(20);
    }

    assertThat(progress.state()).isEqualTo(Progress.State.REPLICATE);
  }

  @Test
  void aSnapshotIsOfferedOnceAndAgainAfterAWhile() {
    SnapshotId one = new SnapshotId(TestNode.node(1), 5, 1, 10, 1);
    SnapshotId other = new SnapshotId(TestNode.node(1), 6, 1, 10, 2);
    progress.becomeSnapshot();
    assertThat(progress.wantsOffer(one, 10)).isTrue();
    progress.onOffered(one);
    assertThat(progress.wantsOffer(one, 10)).isFalse();
    assertThat(progress.wantsOffer(other, 10)).isTrue();

    for (int tick = 0; tick < 10; tick++) {
      progress.onTick(20);
    }

    assertThat(progress.wantsOffer(one, 10)).isTrue();
  }

  @Test
  void whoHasNotComeToWhereTheLogEndedHasNotCaughtUp() { // Thesis §4.2.1
    Progress joining = new Progress(101, 1 << 20);
    joining.onActive();

    assertThat(joining.catchesUp(100, 10)).as("the first round begins").isFalse();
    joining.maybeUpdate(50);
    assertThat(joining.catchesUp(100, 10)).isFalse();
    joining.maybeUpdate(100);
    assertThat(joining.catchesUp(120, 10)).isTrue();
    for (int i = 0; i < 11; i++) {
      joining.catchesUp(130, 10);
    }
    assertThat(joining.catchesUp(130, 10)).as("the next round takes too long").isFalse();
  }
}
