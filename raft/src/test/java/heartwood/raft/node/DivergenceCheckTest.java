package heartwood.raft.node;

import static heartwood.raft.node.NodeRig.append;
import static heartwood.raft.node.NodeRig.digestAt;
import static heartwood.raft.node.NodeRig.runAll;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.StateDigest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** DESIGN §8: a node fences itself when it differs from a majority, be it the leader. */
class DivergenceCheckTest {
  private static final long OTHER = 7;

  @Test
  void aLeaderTellsWhatItsStateCameTo() {
    NodeRig rig = leading(3);

    rig.sent.clear();
    for (int i = 0; i < 5; i++) {
      rig.node().tick();
    }

    assertThat(told(rig)).containsExactly(claim(1), claim(1)); // One to each of the others.
  }

  @Test
  void whoAgreesSaysNothing() {
    NodeRig rig = following(3);

    rig.receive(2, claim(2));

    assertThat(told(rig)).isEmpty();
    assertThat(rig.failure).isNull();
  }

  @Test
  void whoDiffersAsksAllAndFailsWhenAMajorityDiffers() {
    NodeRig rig = following(3);

    rig.receive(2, new StateDigest(1, 2, OTHER, false));

    StateDigest question = new StateDigest(1, 2, digestAt(2), true);
    assertThat(told(rig)).containsExactly(question, question);
    assertThat(rig.failure).as("one against one tells nothing").isNull();

    rig.receive(3, new StateDigest(1, 2, OTHER, false));

    assertThat(rig.failure)
        .isInstanceOf(DivergenceException.class)
        .hasMessage(
            "the state of n1 differs from that of a majority at index 2: digest 3ea (expected: 7)");
  }

  @Test
  void aLeaderThatDiffersFromAMajorityFailsToo() {
    NodeRig rig = leading(3);

    rig.receive(2, new StateDigest(1, 1, OTHER, true));
    assertThat(rig.failure).isNull();
    rig.receive(3, new StateDigest(1, 1, OTHER, true));

    assertThat(rig.failure).isInstanceOf(DivergenceException.class);
  }

  @Test
  void aLeaderWithoutTheOneThatDiffersGoesOn() {
    NodeRig rig = leading(3);
    rig.sent.clear();

    rig.receive(2, new StateDigest(1, 1, OTHER, true));
    rig.receive(3, claim(1)); // What the third says when it is asked.

    assertThat(told(rig)).startsWith(claim(1)); // The one that asked is told.
    assertThat(rig.failure).isNull();
  }

  @Test
  void ofFiveTwoThatDifferAlikeAreNoMajority() {
    NodeRig rig = following(5);

    rig.receive(2, new StateDigest(1, 2, OTHER, false));
    rig.receive(3, new StateDigest(1, 2, OTHER, false));
    rig.receive(4, new StateDigest(1, 2, OTHER + 1, false));
    rig.receive(2, new StateDigest(1, 2, OTHER, false));
    assertThat(rig.failure).as("two against one, another, and one unheard").isNull();

    rig.receive(5, new StateDigest(1, 2, OTHER, false));
    assertThat(rig.failure).isInstanceOf(DivergenceException.class);
  }

  @Test
  void whereAllDifferNobodyFails() {
    NodeRig rig = following(3);

    rig.receive(2, new StateDigest(1, 2, OTHER, false));
    rig.receive(3, new StateDigest(1, 2, OTHER + 1, false));

    assertThat(rig.failure).isNull();
  }

  @Test
  void aDifferenceThatNothingEndsIsToldOfOnce() {
    Logger logger = (Logger) LoggerFactory.getLogger(DivergenceCheck.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    NodeRig rig = following(2);

    for (int i = 0; i < 100; i++) {
      rig.receive(2, new StateDigest(1, 1 + i % 2, OTHER, false));
    }
    logger.detachAppender(lines);

    assertThat(rig.failure).isNull();
    assertThat(lines.list).hasSize(1);
    assertThat(told(rig)).hasSize(100); // Each time it asks, for one day a majority may agree.
  }

  @Test
  void answersOfTwoIndexesAreNotCountedTogether() {
    NodeRig rig = following(3);

    rig.receive(2, new StateDigest(1, 1, OTHER, false));
    rig.receive(3, new StateDigest(1, 2, OTHER, false));

    assertThat(rig.failure).isNull();
  }

  @Test
  void whatIsToldEarlyIsComparedOnceItIsApplied() {
    NodeRig rig = following(3);

    rig.receive(2, new StateDigest(1, 3, OTHER, false));
    rig.node().tick();
    assertThat(told(rig)).isEmpty();

    rig.receive(2, append(1, 2, 1, 3, 1));
    runAll(rig.logWork);
    runAll(rig.applyWork);
    rig.node().tick();

    assertThat(told(rig)).contains(new StateDigest(1, 3, digestAt(3), true));
  }

  @Test
  void whatIsTooLongAgoIsNotCompared() {
    DigestRing ring = new DigestRing();
    for (int index = 1; index <= 20_000; index++) {
      ring.put(index, index);
    }
    assertThat(ring.at(20_000)).hasValue(20_000);
    assertThat(ring.at(20_000 - (1 << 14) + 1)).hasValue(20_000 - (1 << 14) + 1);
    assertThat(ring.at(20_000 - (1 << 14))).isEmpty();
    assertThat(ring.at(20_001)).isEmpty();

    ring.put(30_000, 5); // A snapshot came between.

    assertThat(ring.at(20_000)).isEmpty();
    assertThat(ring.at(29_999)).isEmpty();
    assertThat(ring.at(30_000)).hasValue(5);
    assertThat(ring.lastIndex()).isEqualTo(30_000);
  }

  private static StateDigest claim(long index) {
    return new StateDigest(1, index, digestAt(index), false);
  }

  private static List<Message> told(NodeRig rig) {
    return rig.sent.stream().filter(StateDigest.class::isInstance).toList();
  }

  /** Leads term 1 and has applied its first entry. */
  private static NodeRig leading(int voterCount) {
    NodeRig rig = new NodeRig(voterCount).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    runAll(rig.logWork);
    runAll(rig.applyWork);
    return rig;
  }

  /** Follows node 2 and has applied two entries. */
  private static NodeRig following(int voterCount) {
    NodeRig rig = new NodeRig(voterCount).start();
    rig.receive(2, append(1, 0, 0, 2, 1, 1));
    runAll(rig.logWork);
    runAll(rig.applyWork);
    return rig;
  }
}
