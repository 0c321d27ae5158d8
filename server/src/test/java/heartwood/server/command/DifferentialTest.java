package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/**
 * The same random commands here and on a real redis-server: every reply must be the same. {@code
 * -Dseed=…} replays a run, {@code -Dcommands=…} makes it longer.
 */
class DifferentialTest {
  @Test
  void everyReplyIsThatOfARealRedis() {
    long seed = Long.getLong("seed", 1);
    int count = Integer.getInteger("commands", 30_000);
    RandomCommands commands = new RandomCommands(seed);
    Deque<String> lately = new ArrayDeque<>();

    try (DataServer ours = new DataServer();
        RealRedis theirs = RealRedis.start()) {
      for (int i = 0; i < count; i++) {
        byte[][] command = commands.timeless();
        String reply = Replies.normalized(command, ours.call(command));
        lately.add(Replies.shown(command) + " -> " + Replies.shortened(reply));
        if (lately.size() > 12) {
          lately.remove();
        }

        assertThat(reply)
            .as("-Dseed=%d, command %d%n%s", seed, i, String.join("\n", lately))
            .isEqualTo(Replies.normalized(command, theirs.call(command)));
      }
      assertThat(ours.executor.internalErrors()).isZero();
    }
  }
}
