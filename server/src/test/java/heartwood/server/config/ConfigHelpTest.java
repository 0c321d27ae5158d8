package heartwood.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConfigHelpTest {

  @Test
  void flagsAreAllDirectivesThatCanBeGiven() {
    assertThat(ConfigHelp.flags())
        .contains(
            "  --port N\n        Port of the Redis Cluster personality; 0: none. Default: 6379.\n")
        .contains("--requirepass PASSWORD")
        .doesNotContain("--appendonly");
  }

  @Test
  void theTableHasALineForEachDirective() {
    assertThat(ConfigHelp.markdown().lines()).hasSize(2 + Directives.all().size());
    assertThat(ConfigHelp.markdown())
        .contains("| `peer-insecure` | yes\\|no | no | at start |")
        .contains("| `timeout` | N | 0 | live |")
        .contains("| `appendfsync` | always | always | fixed |");
  }
}
