package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.BelowFloorException;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.LongReadException;
import heartwood.server.keyspace.WrongTypeException;
import heartwood.storage.ReadTxn;
import heartwood.storage.StorageException;
import heartwood.storage.WriteTxn;

/**
 * Runs commands over a keyspace: all of a command or nothing, one reply in any case. Confined to
 * the thread of its keyspace.
 *
 * <p>A command that refuses ({@link CommandException}) has written nothing, and the client hears
 * why. A command that fails through our own fault, or that refuses after it has written, takes its
 * whole revision with it: the write set is discarded, what it replied is taken back, it is counted,
 * and the client hears {@code ERR internal error}, the same on every node. Errors of the machine
 * and {@link StorageException} go up and stop the node.
 *
 * <p>Several commands in one revision (MULTI) are {@link #begin}, {@link #run} for each, and {@link
 * #commit} if all returned true, else {@link #discard}.
 */
public final class CommandExecutor {
  private final Keyspace keyspace;
  private long internalErrors;

  public CommandExecutor(Keyspace keyspace) {
    this.keyspace = keyspace;
  }

  /** How many commands have failed through our own fault. */
  public long internalErrors() {
    return internalErrors;
  }

  /** Runs one command as a revision; commits or closes the transaction. */
  public void write(
      KeyspaceCommand command,
      Arguments args,
      int database,
      WriteTxn txn,
      CommandContext context,
      ReplySink reply) {
    begin(txn, context);
    if (run(command, args, database, reply)) {
      commit();
    } else {
      discard();
    }
  }

  /**
   * Runs one command that only reads.
   *
   * @throws LongReadException when it must be run elsewhere; nothing was replied
   */
  public void read(
      KeyspaceCommand command,
      Arguments args,
      int database,
      ReadTxn txn,
      CommandContext context,
      ReplySink reply) {
    keyspace.begin(txn, context);
    run(command, args, database, reply);
  }

  /** Begins a revision. */
  public void begin(WriteTxn txn, CommandContext context) {
    keyspace.begin(txn, context);
  }

  public void commit() {
    keyspace.commit();
  }

  public void discard() {
    keyspace.discard();
  }

  /** Runs a command and replies; false if its revision must be discarded. */
  public boolean run(KeyspaceCommand command, Arguments args, int database, ReplySink reply) {
    long mark = reply.mark();
    long writesBefore = keyspace.writeCount();
    try {
      keyspace.select(database);
      command.run(args, keyspace, reply);
      keyspace.endCommand();
      return true;
    } catch (CommandException e) {
      return refuse(reply, mark, writesBefore, e.reply());
    } catch (WrongTypeException e) {
      return refuse(reply, mark, writesBefore, e.reply());
    } catch (LongReadException e) {
      reply.rollback(mark);
      throw e;
    } catch (BelowFloorException e) {
      return refuse(reply, mark, writesBefore, Timeline.belowFloor(e));
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      return fail(reply, mark);
    }
  }

  private boolean refuse(ReplySink reply, long mark, long writesBefore, String error) {
    if (keyspace.writeCount() != writesBefore) {
      return fail(reply, mark);
    }
    reply.rollback(mark);
    reply.error(error);
    return true;
  }

  private boolean fail(ReplySink reply, long mark) {
    internalErrors++;
    reply.rollback(mark);
    reply.error(Errors.INTERNAL);
    return false;
  }
}
