package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.KeyHistory;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.Purging;

/** TIMELINE PURGE: removes a key's past, for those who must not be remembered. */
final class PurgeCommand {
  private PurgeCommand() {}

  static void register(CommandTable table) {
    table.write("timeline|purge", PurgeCommand::purge);
  }

  /**
   * TIMELINE PURGE key [BEFORE time]: replies as RESOLVE does for the first moment that can still
   * be asked of the key, which is that of the command itself if no time is given.
   */
  private static void purge(Arguments args, Keyspace keyspace, ReplySink reply) {
    boolean hasTime = args.count() == 5 && args.is(3, "before");
    if (!hasTime && args.count() != 3) {
      throw Errors.syntax();
    }
    byte[] key = args.bytes(2);
    Moments moments = new Moments(keyspace);
    long revision = hasTime ? moments.find(args, 4).revision() : keyspace.context().revision();
    if (!new Purging(keyspace).purge(key, revision)) {
      throw new CommandException(
          "ERR more than "
              + Purging.MAX_VERSIONS
              + " versions or "
              + Purging.MAX_OBJECTS
              + " values: purge the earlier ones first, with BEFORE");
    }
    long first = new KeyHistory(keyspace, key).horizon();
    reply.array(3);
    reply.integer(first);
    reply.integer(keyspace.stampOf(first));
    reply.bulk(Timeline.iso(keyspace.stampOf(first)));
  }
}
