package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.util.List;

/** SLOWLOG: the commands that took long. */
final class SlowLogCommands {
  private static final int DEFAULT_COUNT = 10;
  private static final String BAD_COUNT = "ERR count should be greater than or equal to -1";

  private final SlowLog slowLog;

  SlowLogCommands(SlowLog slowLog) {
    this.slowLog = slowLog;
  }

  void register(CommandTable table) {
    table.connection("slowlog|get", this::get);
    table.connection("slowlog|len", (args, connection, reply) -> reply.integer(slowLog.count()));
    table.connection("slowlog|reset", this::reset);
  }

  /** SLOWLOG GET [count]: the newest first; -1 means all. */
  private void get(Arguments args, Connection connection, ReplySink reply) {
    if (args.count() > 3) {
      throw HelpCommands.wrongSubcommand(args);
    }
    long count = args.count() == 3 ? Numbers.requireLong(args, 2, BAD_COUNT) : DEFAULT_COUNT;
    if (count < -1) {
      reply.error(BAD_COUNT);
      return;
    }
    boolean wantsAll = count == -1 || count > Integer.MAX_VALUE;
    List<SlowLog.Entry> entries = slowLog.latest(wantsAll ? Integer.MAX_VALUE : (int) count);
    reply.array(entries.size());
    for (SlowLog.Entry entry : entries) {
      reply.array(6);
      reply.integer(entry.id());
      reply.integer(entry.unixSeconds());
      reply.integer(entry.micros());
      reply.array(entry.arguments().size());
      entry.arguments().forEach(reply::bulk);
      reply.bulk(entry.address());
      reply.bulk(entry.name());
    }
  }

  /** SLOWLOG RESET. */
  private void reset(Arguments args, Connection connection, ReplySink reply) {
    slowLog.clear();
    reply.ok();
  }
}
