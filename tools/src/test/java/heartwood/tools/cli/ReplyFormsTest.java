package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.resp.netty.ReplyDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The expected texts are what redis-cli 7.0 writes for the same bytes. */
class ReplyFormsTest {
  @Test
  void aStringIsQuotedForPeopleAndBareOnAPipe() {
    assertThat(pretty("$5|a\"b\nc|")).isEqualTo("\"a\\\"b\\nc\"\n");
    assertThat(raw("$5|a\"b\nc|")).isEqualTo("a\"b\nc\n");
    assertThat(json("$5|a\"b\nc|")).isEqualTo("\"a\\\"b\\nc\"\n");
  }

  @Test
  void bytesThatAreNoTextPassAPipeUnchanged() {
    assertThat(pretty("$2|\u00ff\u0000|")).isEqualTo("\"\\xff\\x00\"\n");
    assertThat(raw("$2|\u00ff\u0000|")).isEqualTo("\u00ff\u0000\n");
  }

  @Test
  void aStatusIsBare() {
    assertThat(pretty("+OK|")).isEqualTo("OK\n");
    assertThat(raw("+OK|")).isEqualTo("OK\n");
    assertThat(json("+OK|")).isEqualTo("\"OK\"\n");
  }

  @Test
  void anErrorIsMarkedForPeopleAndEndsWithAnEmptyLineOnAPipe() {
    assertThat(pretty("-ERR no|")).isEqualTo("(error) ERR no\n");
    assertThat(raw("-ERR no|")).isEqualTo("ERR no\n\n");
    assertThat(json("-ERR no|")).isEqualTo("error:\"ERR no\"\n");
  }

  @Test
  void nothingIsNilForPeopleAndAnEmptyLineOnAPipe() {
    for (String nothing : new String[] {"$-1|", "*-1|", "_|"}) {
      assertThat(pretty(nothing)).isEqualTo("(nil)\n");
      assertThat(raw(nothing)).isEqualTo("\n");
      assertThat(json(nothing)).isEqualTo("null\n");
    }
  }

  @Test
  void numbersAndTruthSayTheirType() {
    assertThat(pretty(":12345|")).isEqualTo("(integer) 12345\n");
    assertThat(pretty(",3.141|")).isEqualTo("(double) 3.141\n");
    assertThat(pretty("#t|")).isEqualTo("(true)\n");
    assertThat(raw(":12345|")).isEqualTo("12345\n");
    assertThat(raw(",3.141|")).isEqualTo("3.141\n");
    assertThat(raw("#f|")).isEqualTo("(false)\n");
    assertThat(json("*4|:1|,3.141|#f|,inf|")).isEqualTo("[1,3.141,false,\"inf\"]\n");
  }

  @Test
  void aVerbatimStringIsNotQuoted() {
    assertThat(pretty("=8|txt:a\nb\n|")).isEqualTo("a\nb\n\n");
  }

  @Test
  void nestedElementsStandUnderTheFirst() {
    String nested = "*3|:1|*3|:2|*2|$1|a|$1|b|*0|$1|x|";

    assertThat(pretty(nested))
        .isEqualTo(
            """
            1) (integer) 1
            2) 1) (integer) 2
               2) 1) "a"
                  2) "b"
               3) (empty array)
            3) "x"
            """);
    assertThat(raw(nested)).isEqualTo("1\n2\na\nb\n\nx\n");
    assertThat(json(nested)).isEqualTo("[1,[2,[\"a\",\"b\"],[]],\"x\"]\n");
  }

  @Test
  void numbersOfElementsAreAsWideAsTheLast() {
    String ten = "*10|" + ":0|".repeat(10);

    assertThat(pretty(ten)).startsWith(" 1) (integer) 0\n 2) ").endsWith("\n10) (integer) 0\n");
  }

  @Test
  void aMapShowsPairsAndASetItsMark() {
    String map = "%3|$1|a|:1|$1|b|*2|:2|:3|$1|c|%1|$1|d|:4|";

    assertThat(pretty(map))
        .isEqualTo(
            """
            1# "a" => (integer) 1
            2# "b" =>\s
               1) (integer) 2
               2) (integer) 3
            3# "c" => 1# "d" => (integer) 4
            """);
    assertThat(raw(map)).isEqualTo("a 1\nb 2\n3\nc d 4\n");
    assertThat(json(map)).isEqualTo("{\"a\":1,\"b\":[2,3],\"c\":{\"d\":4}}\n");
    assertThat(pretty("~1|:0|")).isEqualTo("1~ (integer) 0\n");
    assertThat(pretty("%0|")).isEqualTo("(empty hash)\n");
    assertThat(pretty("~0|")).isEqualTo("(empty set)\n");
  }

  private static String pretty(String resp) {
    return format(OutputForm.PRETTY, resp);
  }

  private static String raw(String resp) {
    return format(OutputForm.RAW, resp);
  }

  private static String json(String resp) {
    return format(OutputForm.JSON, resp);
  }

  /** A bar stands for the end of a line of the protocol. */
  private static String format(OutputForm form, String resp) {
    ByteBuf bytes = Unpooled.copiedBuffer(resp.replace("|", "\r\n"), ISO_8859_1);
    Reply reply = Objects.requireNonNull(new ReplyDecoder().decode(bytes));
    return new String(form.format(reply), ISO_8859_1);
  }
}
