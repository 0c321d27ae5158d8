package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandException;
import heartwood.server.command.CommandExecutor;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Moment;
import heartwood.server.command.PastRead;
import heartwood.server.command.Timeline;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.LongReadException;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import org.jspecify.annotations.Nullable;

/**
 * Runs reads of the past, over a keyspace of its own. Confined to the apply thread.
 *
 * <p>An answer about the past is final: it depends on no clock, no entry to come and no leader, so
 * nothing here waits. Whether a key was there is judged at the time that was asked for, which may
 * be long after the last write before it.
 */
final class PastReader {
  private final Keyspace keyspace = new Keyspace();
  private final CommandExecutor executor = new CommandExecutor(keyspace);

  PastReader() {
    keyspace.boundReads(LongReads.MAX_SHORT_ROWS);
  }

  /** What the keyspace was loaded from, while consecutive reads are of one revision. */
  private @Nullable ReadTxn view;

  private long viewRevision;

  /** The past may be another one: the state was replaced, or its horizon raised. */
  void forget() {
    view = null;
  }

  /** What a moment comes to: a revision, and the time at which it is looked at. */
  static Moment.Resolved resolve(Moment moment, Timeline timeline) {
    if (moment instanceof Moment.Resolved resolved) {
      timeline.resolve(new Moment.Revision(resolved.revision()), 0); // It may be forgotten by now.
      return resolved;
    }
    Timeline.Point found = timeline.find(moment, 0);
    return new Moment.Resolved(found.revision(), found.stampMillis());
  }

  /** Refuses what would go on from a page that was read as of another revision. */
  static void requireLasting(
      Moment moment, Moment.Resolved resolved, CommandSpec spec, Arguments args) {
    boolean isTime = moment instanceof Moment.Now || moment instanceof Moment.Time;
    if (isTime && PastRead.goesOn(spec, args)) {
      throw new CommandException("ASOF use @" + resolved.revision() + " to continue this scan");
    }
  }

  /**
   * Runs a command over what was at a moment.
   *
   * @throws LongReadException when it must be run elsewhere
   */
  void read(
      CommandSpec spec,
      Arguments args,
      int database,
      Past past,
      Keyspace present,
      Moment.Resolved at,
      long seed,
      ReplySink reply) {
    ReadTxn txn = view;
    if (txn == null || viewRevision != at.revision()) {
      txn = past.at(at.revision());
      keyspace.loadPast(present, txn, at.revision());
      view = txn;
      viewRevision = at.revision();
    }
    executor.read(
        spec.keyspaceCommand(),
        args,
        database,
        txn,
        new CommandContext(at.millis(), seed, at.revision()),
        reply);
  }

  int foundCount() {
    return keyspace.foundCount();
  }

  int missedCount() {
    return keyspace.missedCount();
  }
}
