package heartwood.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusedMessagesTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(RefusedMessages.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final NodeRig rig = new NodeRig(3).withLogTerms(1).start();
  private final RefusedMessages refused = new RefusedMessages(rig.node().core());

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void aThousandInASecondAreOneLine() {
    refuse(1000);

    assertThat(texts())
        .containsExactly(
            "passes over what n2 cannot have meant, its commit index was never acknowledged:"
                + " Heartbeat[term=1, leaderCommit=9, round=0]; 0 more since the last such line");
    assertThat(refused.count()).isEqualTo(1000);
  }

  @Test
  void theNextLineTellsHowManyCameMeanwhile() {
    refuse(1000);
    for (int i = 0; i < 1000; i++) {
      refused.tick();
    }
    refuse(1);

    assertThat(texts()).hasSize(2);
    assertThat(texts().get(1)).endsWith("; 999 more since the last such line");
  }

  @Test
  void whatCanBeMeantIsLeftAlone() {
    Message plausible = new Message.Heartbeat(1, 1, 0);

    assertThat(refused.refuses(new NodeId(2), plausible)).isFalse();
    assertThat(refused.count()).isZero();
    assertThat(texts()).isEmpty();
  }

  private void refuse(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(refused.refuses(new NodeId(2), new Message.Heartbeat(1, 9, 0))).isTrue();
    }
  }

  private List<String> texts() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
