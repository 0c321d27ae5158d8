package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandTableTest {
  private static final int LOOKUPS = 10_000;

  private final CommandTable table = new CommandTable();

  CommandTableTest() {
    table.write("set", (args, keyspace, reply) -> reply.ok());
    table.read("get", (args, keyspace, reply) -> reply.nullBulk());
    table.write("mset", (args, keyspace, reply) -> reply.ok());
    table.read("object|encoding", (args, keyspace, reply) -> reply.nullBulk());
    table.connection("client|id", (args, connection, reply) -> reply.integer(1));
  }

  @Test
  void aCommandIsFoundInAnyCase() {
    assertThat(found("SeT", "k", "v")).isEqualTo("set");
    assertThat(found("get", "k")).isEqualTo("get");
    assertThat(found("CLIENT", "Id")).isEqualTo("client|id");
  }

  @Test
  void aCommandIsFoundByItsId() {
    CommandSpec set = spec("set");

    assertThat(table.byId(set.id())).isSameAs(set);
    assertThat(table.byId(0)).isNull();
    assertThat(table.byId(65_535)).isNull();
  }

  @Test
  void whatIsDescribedButNotRegisteredDoesNotExist() {
    assertThat(table.lookup(Arguments.of("hset", "k", "f", "v"))).isNull();
    assertThat(table.named("hset")).isNull();
  }

  @Test
  void aContainerAloneIsFoundAndItsArityRefusesIt() {
    CommandSpec container = requireNonNull(table.lookup(Arguments.of("client")));

    assertThat(container.accepts(1)).isFalse();
    assertThat(container.wrongArgumentCount())
        .isEqualTo("ERR wrong number of arguments for 'client' command");
  }

  @Test
  void anUnknownCommandIsRepeatedWithTheBeginningOfItsArguments() {
    assertThat(table.unknown(Arguments.of("nope", "a", "b")))
        .isEqualTo("ERR unknown command 'nope', with args beginning with: 'a' 'b' ");
    assertThat(table.unknown(Arguments.of("nope", "x".repeat(200), "b")))
        .isEqualTo(
            "ERR unknown command 'nope', with args beginning with: '" + "x".repeat(128) + "' ");
    assertThat(table.unknown(Arguments.of("client|id")))
        .isEqualTo("ERR unknown command 'client|id', with args beginning with: ");
  }

  @Test
  void anUnknownSubcommandPointsToHelp() {
    assertThat(table.lookup(Arguments.of("client", "Nope"))).isNull();
    assertThat(table.unknown(Arguments.of("client", "Nope")))
        .isEqualTo("ERR unknown subcommand 'Nope'. Try CLIENT HELP.");
  }

  @Test
  void arityCountsTheNameAndMayBeALeast() {
    assertThat(spec("get").accepts(2)).isTrue();
    assertThat(spec("get").accepts(3)).isFalse();
    assertThat(spec("set").accepts(2)).isFalse();
    assertThat(spec("set").accepts(9)).isTrue();
    assertThat(spec("client|id").wrongArgumentCount())
        .isEqualTo("ERR wrong number of arguments for 'client|id' command");
  }

  @Test
  void keysAreFoundWhereTheSpecSays() {
    assertThat(keys("get", "k")).containsExactly("k");
    assertThat(keys("mset", "a", "1", "b", "2")).containsExactly("a", "b");
    assertThat(keys("object", "encoding", "k")).containsExactly("k");
    assertThat(spec("get").onlyKey()).isEqualTo(1);
    assertThat(spec("mset").onlyKey()).isEqualTo(-1);
  }

  @Test
  void kindAndFlagsMustAgree() {
    assertThatThrownBy(() -> table.read("hset", (args, keyspace, reply) -> reply.ok()))
        .hasMessageContaining("hset: registered as READ");
    assertThatThrownBy(() -> table.write("hget", (args, keyspace, reply) -> reply.ok()))
        .hasMessageContaining("hget: registered as WRITE");
    assertThatThrownBy(() -> table.connection("hset", (args, connection, reply) -> reply.ok()))
        .hasMessageContaining("needs the keyspace");
  }

  @Test
  void aNameIsRegisteredOnceAndMustBeDescribed() {
    assertThatThrownBy(() -> table.read("get", (args, keyspace, reply) -> reply.ok()))
        .hasMessageContaining("registered twice");
    assertThatThrownBy(() -> table.read("nope", (args, keyspace, reply) -> reply.ok()))
        .hasMessageContaining("no command file describes it");
  }

  @Test
  void aLookupAllocatesNothing() {
    Arguments known = Arguments.of("CLIENT", "ID");
    Arguments unknown = Arguments.of("nope", "x".repeat(1000));
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    lookupOften(known, unknown);

    long before = threads.getCurrentThreadAllocatedBytes();
    lookupOften(known, unknown);
    long allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocatedBytes).isLessThan(LOOKUPS);
  }

  private void lookupOften(Arguments known, Arguments unknown) {
    for (int i = 0; i < LOOKUPS; i++) {
      if (table.lookup(known) == null || table.lookup(unknown) != null) {
        throw new AssertionError(table.lookup(known));
      }
    }
  }

  private String found(String... request) {
    return String.valueOf(table.lookup(Arguments.of(request)));
  }

  private CommandSpec spec(String name) {
    return requireNonNull(table.named(name));
  }

  private List<String> keys(String... request) {
    Arguments args = Arguments.of(request);
    CommandSpec spec = requireNonNull(table.lookup(args));
    KeyPositions positions = new KeyPositions();
    assertThat(spec.findKeys(args, positions)).isTrue();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < positions.count(); i++) {
      keys.add(args.text(positions.position(i)));
    }
    return keys;
  }
}
