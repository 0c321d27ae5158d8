package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AuditLogTest {
  private static final Caller CALLER =
      new Caller() {
        @Override
        public String address() {
          return "127.0.0.1:1234";
        }

        @Override
        public String name() {
          return "admin";
        }
      };

  private final Logger logger = (Logger) LoggerFactory.getLogger("heartwood.audit");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void whatRewritesWhatOthersRelyOnIsWrittenDown() throws Exception {
    FakeNode node = new FakeNode();
    CommandMeter meter = new CommandMeter(new SlowLog(node.config, Clock.systemUTC()));
    Runner runner =
        (error, name, words) ->
            meter.ran(
                Objects.requireNonNull(node.table.named(name)),
                Arguments.of(words),
                CALLER,
                1000,
                error);

    runner.ran(null, "timeline|purge", "TIMELINE", "PURGE", "user:1\r\nINFO forged");
    runner.ran("PURGED", "rewind", "REWIND", "k", "TO", "~1");
    runner.ran(null, "flushall", "FLUSHALL");
    runner.ran(null, "raft|remove", "RAFT", "REMOVE", "n2");
    runner.ran(null, "set", "SET", "k", "v");
    runner.ran(null, "history", "HISTORY", "k");

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo(
            List.of(
                "TIMELINE PURGE user:1??INFO forged from 127.0.0.1:1234 admin",
                "REWIND k TO ~1 from 127.0.0.1:1234 admin: PURGED",
                "FLUSHALL from 127.0.0.1:1234 admin",
                "RAFT REMOVE n2 from 127.0.0.1:1234 admin"));
  }

  private interface Runner {
    void ran(@Nullable String error, String name, String... words);
  }
}
