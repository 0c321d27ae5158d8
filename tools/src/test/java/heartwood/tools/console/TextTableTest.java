package heartwood.tools.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void wordsStandLeftNumbersRightAndEmptyColumnsGo() {
    TextTable table = new TextTable("name", "lag", "note");

    table.row("a", "7", "");
    table.row("longer", "1000", "");

    assertThat(table.toString())
        .isEqualTo(
            """
            name     lag
            a          7
            longer  1000
            """);
  }
}
