package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random commands on a moving clock, here and on a model; now and then a command that fails after
 * its writes, a sweep, a restart. {@code -Dcommands=…} makes it longer.
 */
class KeyspaceModelTest {
  private static final int COMMANDS = Integer.getInteger("commands", 20_000);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyReplyIsThatOfTheModel(long seed) {
    RandomCommands commands = new RandomCommands(seed);
    DataServer ours = new DataServer();
    ModelServer model = new ModelServer();
    Deque<String> lately = new ArrayDeque<>();

    for (int i = 0; i < COMMANDS; i++) {
      ours.stampMillis += commands.random.nextInt(3);
      model.stampMillis = ours.stampMillis;
      byte[][] command = nextCommand(commands);
      switch (commands.random.nextInt(40)) {
        case 0 -> ours.reload();
        case 1 -> ours.sweepExpired(commands.random.nextInt(3));
        case 2 -> assertThat(ours.callAndFail(command)).isIn("-ERR internal error", "OK");
        default -> {
          String reply = Replies.normalized(command, ours.call(command));
          lately.add(ours.stampMillis + " " + Replies.shown(command) + Replies.shortened(reply));
          if (lately.size() > 12) {
            lately.remove();
          }
          assertThat(reply)
              .as("seed %d, command %d%n%s", seed, i, String.join("\n", lately))
              .isEqualTo(Replies.normalized(command, model.call(command)));
        }
      }
    }

    ours.sweepExpired(Integer.MAX_VALUE);
    ours.sweepRows = Integer.MAX_VALUE;
    ours.endEntry();
    assertThat(ours.store.rowsOf((byte) 2)).isEqualTo(model.keyCount());
    assertThat(ours.store.rowsOf((byte) 4)).isEqualTo(model.expiringCount());
    assertThat(ours.store.rowsOf((byte) 0x41)).isZero();
    assertThat(ours.store.rowsOf((byte) 6)).isEqualTo(model.fieldsExpiringCount());
    assertThat(elementsOf(ours, "02")).isEqualTo(model.fieldCount());
    assertThat(elementsOf(ours, "03")).isEqualTo(model.expiringFieldCount());
  }

  /** How many rows there are of a kind of elements. */
  private static long elementsOf(DataServer server, String kind) {
    return server.store.dump().stream()
        .filter(row -> row.startsWith("03") && row.startsWith(kind, 18))
        .count();
  }

  @Test
  void whatIsNotReachableIsSweptAway() {
    RandomCommands commands = new RandomCommands(7);
    DataServer ours = new DataServer();
    for (int i = 0; i < 3_000; i++) {
      ours.call(nextCommand(commands));
    }

    ours.call(CommandLine.parse("FLUSHALL"));
    ours.sweepRows = 5;
    for (int i = 0; i < 3_000; i++) {
      ours.endEntry();
    }

    for (byte table : new byte[] {2, 3, 4, 6, 0x41}) {
      assertThat(ours.store.rowsOf(table)).isZero();
    }
  }

  @Test
  void aNodeThatRestartedWritesTheSameRows() {
    assertThat(rowsAfterRestarts(0)).isEqualTo(rowsAfterRestarts(3));
  }

  private static List<String> rowsAfterRestarts(int everyCommands) {
    RandomCommands commands = new RandomCommands(11);
    DataServer server = new DataServer();
    List<String> writes = new ArrayList<>();
    server.store.recordWrites(writes);
    for (int i = 0; i < 2_000; i++) {
      server.stampMillis++;
      if (everyCommands > 0 && i % everyCommands == 0) {
        server.reload();
      }
      server.call(nextCommand(commands));
    }
    return writes;
  }

  private static byte[][] nextCommand(RandomCommands commands) {
    while (true) {
      byte[][] command = commands.random.nextInt(4) == 0 ? commands.timed() : commands.timeless();
      if (ModelServer.knows(command)) {
        return command;
      }
    }
  }
}
