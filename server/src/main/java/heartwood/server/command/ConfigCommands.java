package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.config.ConfigChangeException;
import heartwood.server.config.Directive;
import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.ServerConfig;
import heartwood.server.keyspace.GlobPattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** CONFIG: reads and changes this node's configuration. */
final class ConfigCommands {
  private final LiveConfig config;
  private final NodeStatistics statistics;

  ConfigCommands(NodePorts node) {
    this.config = node.config();
    this.statistics = node.statistics();
  }

  void register(CommandTable table) {
    table.connection("config|get", this::get);
    table.connection("config|set", this::set);
    table.connection("config|resetstat", this::resetStat);
    table.connection("config|rewrite", this::rewrite);
  }

  /**
   * CONFIG GET pattern [pattern ...]: replies with names and values, each once. A name without a
   * wildcard is repeated as it was written.
   */
  private void get(Arguments args, Connection connection, ReplySink reply) {
    Map<Directive<?>, String> shownNames = new LinkedHashMap<>();
    for (int i = 2; i < args.count(); i++) {
      String pattern = args.text(i);
      Directive<?> named = Directives.named(pattern);
      if (named != null) {
        shownNames.putIfAbsent(named, pattern);
      } else {
        putMatches(pattern, shownNames);
      }
    }
    ServerConfig current = config.current();
    List<String> shared = HistorySettingsText.NAMES.stream().filter(matchesAny(args)).toList();
    reply.map(shownNames.size() + shared.size());
    shownNames.forEach(
        (directive, name) -> {
          reply.bulk(name);
          reply.bulk(current.text(directive));
        });
    for (String name : shared) {
      reply.bulk(name);
      reply.bulk(HistorySettingsText.get(statistics.history().settings(), name));
    }
  }

  /** Whether one of the patterns matches a name. */
  private static Predicate<String> matchesAny(Arguments args) {
    List<GlobPattern> patterns = new ArrayList<>();
    for (int i = 2; i < args.count(); i++) {
      patterns.add(new GlobPattern(Texts.ascii(args.text(i).toLowerCase(Locale.ROOT))));
    }
    return name -> patterns.stream().anyMatch(each -> each.matches(Texts.ascii(name)));
  }

  private static void putMatches(String pattern, Map<Directive<?>, String> shownNames) {
    byte[] lower = pattern.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    GlobPattern glob = new GlobPattern(lower);
    for (Directive<?> directive : Directives.all()) {
      if (glob.matches(Texts.ascii(directive.name()))) {
        shownNames.putIfAbsent(directive, directive.name());
      }
    }
  }

  /** CONFIG SET parameter value [parameter value ...]: changes all or none. */
  private void set(Arguments args, Connection connection, ReplySink reply) {
    if (args.count() % 2 != 0) {
      reply.error("ERR wrong number of arguments for 'config|set' command");
      return;
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 2; i < args.count(); i += 2) {
      Directive<?> directive = Directives.named(args.text(i));
      if (HistorySettingsText.NAMES.contains(args.text(i).toLowerCase(Locale.ROOT))) {
        reply.error(failure(args.text(i), "all nodes share it: set it by itself"));
        return;
      }
      if (directive == null) {
        String option = args.text(i);
        reply.error("ERR Unknown option or number of arguments for CONFIG SET - '" + option + "'");
        return;
      }
      if (values.put(directive.name(), args.text(i + 1)) != null) {
        reply.error(failure(directive.name(), "duplicate parameter"));
        return;
      }
    }
    try {
      config.set(values);
      reply.ok();
    } catch (ConfigChangeException e) {
      reply.error(failure(e.directive(), e.reason()));
    }
  }

  private static String failure(String directive, String reason) {
    return "ERR CONFIG SET failed (possibly related to argument '" + directive + "') - " + reason;
  }

  /** CONFIG RESETSTAT. */
  private void resetStat(Arguments args, Connection connection, ReplySink reply) {
    statistics.reset();
    reply.ok();
  }

  /** CONFIG REWRITE. */
  private void rewrite(Arguments args, Connection connection, ReplySink reply) {
    if (config.file() == null) {
      reply.error("ERR The server is running without a config file");
      return;
    }
    try {
      config.rewrite();
      reply.ok();
    } catch (IOException e) {
      reply.error("ERR Rewriting config file: " + e.getMessage());
    }
  }
}
