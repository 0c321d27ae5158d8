package heartwood.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;

class DocHintsTest {
  private static final Reply SET_ARGUMENTS =
      list(
          argument("name", "key", "type", "key"),
          argument("name", "value", "type", "string"),
          list(
              text("name"),
              text("condition"),
              text("type"),
              text("oneof"),
              text("flags"),
              list(text("optional")),
              text("arguments"),
              list(
                  argument("name", "nx", "type", "pure-token", "token", "NX"),
                  argument("name", "xx", "type", "pure-token", "token", "XX"))));

  private static final Reply DEL_ARGUMENTS =
      list(
          list(
              text("name"),
              text("key"),
              text("type"),
              text("key"),
              text("flags"),
              list(text("multiple"))));

  private final DocHints hints =
      DocHints.of(
          list(
              text("set"),
              list(text("summary"), text("Writes."), text("arguments"), SET_ARGUMENTS),
              text("del"),
              list(text("arguments"), DEL_ARGUMENTS),
              text("config"),
              list(
                  text("subcommands"),
                  list(
                      text("config|get"),
                      list(
                          text("arguments"),
                          list(argument("name", "parameter", "type", "string")))))));

  @Test
  void whatIsMissingFollowsTheCommand() {
    assertThat(hints.after("set")).isEqualTo(" key value [NX|XX]");
    assertThat(hints.after("SET ")).isEqualTo("key value [NX|XX]");
  }

  @Test
  void typedWordsTakeTheirArgumentsButNoOptionalOnes() {
    assertThat(hints.after("set a ")).isEqualTo("value [NX|XX]");
    assertThat(hints.after("set a b EX 1 ")).isEqualTo("[NX|XX]");
  }

  @Test
  void anArgumentThatRepeatsStays() {
    assertThat(hints.after("del a b ")).isEqualTo("key [key ...]");
  }

  @Test
  void subcommandsAreKnownByTwoWords() {
    assertThat(hints.after("config get ")).isEqualTo("parameter");
    assertThat(hints.names()).contains("config get");
  }

  @Test
  void unknownCommandsGetNoHint() {
    assertThat(hints.after("fly")).isEmpty();
    assertThat(DocHints.of(new Reply.SimpleError("ERR no")).after("set")).isEmpty();
  }

  @Test
  void helpShowsSyntaxAndSummary() {
    assertThat(hints.help("SET")).isEqualTo("SET key value [NX|XX]\n  Writes.");
    assertThat(hints.help("fly")).isNull();
  }

  private static Reply argument(String... fields) {
    return list(List.of(fields).stream().map(DocHintsTest::text).toArray(Reply[]::new));
  }

  private static Reply text(String text) {
    return Reply.BulkString.utf8(text);
  }

  private static Reply list(Reply... elements) {
    return new Reply.Array(List.of(elements));
  }
}
