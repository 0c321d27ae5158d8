package heartwood.server.config;

import java.util.Locale;

/** The directives as text: for {@code --help} and for the README. */
public final class ConfigHelp {
  private ConfigHelp() {}

  /** A paragraph for each directive that can be given, as flags. */
  public static String flags() {
    StringBuilder text = new StringBuilder();
    for (Directive<?> directive : Directives.all()) {
      if (directive.change() != Directive.Change.FIXED) {
        text.append("  --").append(directive.name()).append(' ').append(directive.placeholder());
        text.append("\n        ").append(directive.help());
        text.append(" Default: ").append(shownDefault(directive)).append(".\n");
      }
    }
    return text.toString();
  }

  /** All directives as a Markdown table. */
  public static String markdown() {
    StringBuilder text = new StringBuilder("| Directive | Value | Default | Change | |\n");
    text.append("|---|---|---|---|---|\n");
    for (Directive<?> directive : Directives.all()) {
      text.append("| `").append(directive.name()).append("` | ");
      text.append(directive.placeholder().replace("|", "\\|")).append(" | ");
      text.append(shownDefault(directive)).append(" | ");
      text.append(directive.change().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      text.append(" | ").append(directive.help()).append(" |\n");
    }
    return text.toString();
  }

  private static String shownDefault(Directive<?> directive) {
    return directive.defaultText().isEmpty() ? "none" : directive.defaultText();
  }
}
