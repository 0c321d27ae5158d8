package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.command.NodeStatistics.CommandStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** LATENCY: how long commands took. No latency events are kept, so their lists are empty. */
final class LatencyCommands {
  private final NodeStatistics statistics;

  LatencyCommands(NodeStatistics statistics) {
    this.statistics = statistics;
  }

  void register(CommandTable table) {
    table.connection("latency|latest", (args, connection, reply) -> reply.array(0));
    table.connection("latency|history", (args, connection, reply) -> reply.array(0));
    table.connection("latency|reset", (args, connection, reply) -> reply.integer(0));
    table.connection("latency|histogram", this::histogram);
  }

  /** LATENCY HISTOGRAM [command ...]: a container stands for its subcommands. */
  private void histogram(Arguments args, Connection connection, ReplySink reply) {
    List<CommandStatistics> found = new ArrayList<>();
    for (CommandStatistics command : statistics.commands()) {
      if (command.calls() > 0 && isWanted(args, command.name())) {
        found.add(command);
      }
    }
    reply.map(found.size());
    for (CommandStatistics command : found) {
      reply.bulk(command.name());
      reply.map(2);
      reply.bulk("calls");
      reply.integer(command.calls());
      reply.bulk("histogram_usec");
      reply.map(command.callsUpToMicros().size());
      command
          .callsUpToMicros()
          .forEach(
              (micros, calls) -> {
                reply.integer(micros);
                reply.integer(calls);
              });
    }
  }

  private static boolean isWanted(Arguments args, String name) {
    boolean isWanted = args.count() == 2;
    for (int i = 2; i < args.count(); i++) {
      String word = args.text(i).toLowerCase(Locale.ROOT);
      isWanted |= name.equals(word) || name.startsWith(word + "|");
    }
    return isWanted;
  }
}
