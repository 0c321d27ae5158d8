package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandFilesTest {

  /** A log is read by later versions: in ids.txt lines are added, and never changed or removed. */
  @Test
  void idsStayWhatTheyAre() throws Exception {
    FakeNode node = new FakeNode();
    List<String> ids = new ArrayList<>();
    node.table.all().stream()
        .sorted(Comparator.comparingInt(CommandSpec::id))
        .forEach(command -> ids.add(command.id() + " " + command.name()));

    try (InputStream in = requireNonNull(getClass().getResourceAsStream("ids.txt"))) {
      assertThat(ids)
          .containsExactlyElementsOf(
              new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
    assertThat(node.table.all())
        .extracting(CommandSpec::id)
        .allMatch(id -> id > 0 && id < Operations.FIRST_RESERVED);
  }

  @Test
  void whatIsDescribedIsRegistered() throws Exception {
    CommandTable table = new FakeNode().table;

    assertThat(table.describedNames())
        .allSatisfy(name -> assertThat(table.named(name)).as(name).isNotNull());
  }

  @Test
  void everyCommandIsSummedUpInASentence() throws Exception {
    for (CommandSpec command : new FakeNode().table.all()) {
      assertThat(command.facts().summary()).as(command.name()).matches("[A-Z].*\\.");
      assertThat(command.facts().complexity()).as(command.name()).isNotEmpty();
    }
  }

  @Test
  void aBlockIsReadIntoFacts() {
    CommandFacts facts =
        CommandFile.parse(
                "hash",
                List.of(
                    "",
                    "x id=7 arity=-3 since=1.0.0 flags=write,fast",
                    "  keys RW update at 1",
                    "  tips request_policy:all_shards",
                    "  syntax key [condition=(NX|XX)] data={field value:integer}...",
                    "  deprecated 2.0.0 SET with GET",
                    "  complexity O(1)",
                    "  summary Does it.",
                    ""))
            .get(0);

    assertThat(facts.id()).isEqualTo(7);
    assertThat(facts.categories())
        .containsExactly(AclCategory.WRITE, AclCategory.HASH, AclCategory.FAST);
    assertThat(facts.replacedBy()).isEqualTo("SET with GET");
    assertThat(SyntaxText.of(facts.arguments()))
        .isEqualTo("key [NX | XX] field value [field value ...]");
  }

  @Test
  void mistakesInAFileAreFound() {
    assertMistake("x: no arity", "x id=1 since=1");
    assertMistake("x: no summary", "x id=1 arity=1 since=1");
    assertMistake("x: two lines of summary", "x id=1 arity=1", "  summary a", "  summary b");
    assertMistake("expected ')'", "x id=1 arity=1 since=1", "  syntax a=(B|C");
    assertMistake("unexpected 'upto'", "x id=1 arity=1 since=1", "  keys RO at 1 upto 2");
    assertMistake("ends too soon", "x id=1 arity=1 since=1", "  keys RO");
    assertMistake("argument type: foo", "x id=1 arity=1 since=1", "  syntax a:foo");
  }

  private static void assertMistake(String message, String... lines) {
    List<String> block = new ArrayList<>(List.of(lines));
    block.add("  complexity O(1)");
    if (!message.contains("summary")) {
      block.add("  summary Does it.");
    }
    assertThatThrownBy(() -> CommandFile.parse("hash", block)).hasMessageContaining(message);
  }

  @Test
  void keySpecsFindKeysThatMove() {
    assertThat(keys("RO access at 1 count-at 0 first 1 step 1", "zunion 2 a b WEIGHTS 1 2"))
        .containsExactly("a", "b");
    assertThat(keys("RO access at 2 count-at 0 first 1 step 1", "eval script 0 x")).isEmpty();
    assertThat(
            keys("RO access after STREAMS from 1 to -1 limit 2", "xread COUNT 5 streams a b 1 2"))
        .containsExactly("a", "b");
    assertThat(keys("RO access after KEYS from -2 to -1", "migrate h p \"\" 0 1 keys a b"))
        .containsExactly("a", "b");
    assertThat(keys("RO access after KEYS from 1", "x a b")).isEmpty();
    assertThat(keys("OW update unknown", "sort a STORE b")).isEmpty();
  }

  @Test
  void aNumberOfKeysThatCannotBeIsRefused() {
    KeySpec spec = KeySpec.parse("RO access at 1 count-at 0 first 1 step 1");
    KeyPositions keys = new KeyPositions();

    for (String request :
        List.of("zunion 3 a b", "zunion x a", "zunion -1 a", "zunion 9999999 a")) {
      keys.clear();
      assertThat(spec.findKeys(Arguments.of(request.split(" ", -1)), keys)).as(request).isFalse();
    }
  }

  @Test
  void oldRangesJoinWhatTouchesAndCallTheRestMovable() {
    assertThat(range("RO access at 1", "OW update at 2"))
        .isEqualTo(new LegacyRange(1, 2, 1, false));
    assertThat(range("RO access at 1", "OW update at 3")).isEqualTo(new LegacyRange(1, 1, 1, true));
    assertThat(range("RO access at 1 to -1 step 2")).isEqualTo(new LegacyRange(1, -1, 2, false));
    assertThat(range("RO access at 1", "OW update unknown"))
        .isEqualTo(new LegacyRange(1, 1, 1, true));
    assertThat(range("RO access after STREAMS from 1")).isEqualTo(new LegacyRange(0, 0, 0, true));
    assertThat(range()).isEqualTo(new LegacyRange(0, 0, 0, false));
  }

  private static LegacyRange range(String... specs) {
    return LegacyRange.of(List.of(specs).stream().map(KeySpec::parse).toList());
  }

  private static List<String> keys(String spec, String request) {
    Arguments args = Arguments.of(request.split(" ", -1));
    KeyPositions positions = new KeyPositions();
    assertThat(KeySpec.parse(spec).findKeys(args, positions)).isTrue();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < positions.count(); i++) {
      keys.add(args.text(positions.position(i)));
    }
    return keys;
  }
}
