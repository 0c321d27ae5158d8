package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.WrongTypeException;
import heartwood.storage.ReadTxn;
import heartwood.storage.StorageException;
import heartwood.storage.WriteTxn;

/**
 * Runs commands over a keyspace: all of a command or nothing, one reply in any case. Confined to
 * the thread of its keyspace.
 *
 * <p>A command that refuses ({@link CommandException}) has written nothing, by its promise, and the
 * client hears why. A command that fails through our own fault loses its write set, takes back what
 * it replied, is counted, and the client hears {@code ERR internal error}: the same on every node.
 * Errors of the machine and {@link StorageException} go up and stop the node.
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
    keyspace.begin(txn, context);
    if (!attempt(command, args, database, reply, true)) {
      keyspace.discard();
    }
  }

  /** Runs one command that only reads. */
  public void read(
      KeyspaceCommand command,
      Arguments args,
      int database,
      ReadTxn txn,
      CommandContext context,
      ReplySink reply) {
    keyspace.begin(txn, context);
    attempt(command, args, database, reply, false);
  }

  /** Whether the command did what it says; else the error is the reply. */
  private boolean attempt(
      KeyspaceCommand command, Arguments args, int database, ReplySink reply, boolean commits) {
    long mark = reply.mark();
    try {
      keyspace.select(database);
      command.run(args, keyspace, reply);
      if (commits) {
        keyspace.commit();
      }
      return true;
    } catch (CommandException e) {
      reply.rollback(mark);
      reply.error(e.reply());
    } catch (WrongTypeException e) {
      reply.rollback(mark);
      reply.error(e.reply());
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      internalErrors++;
      reply.rollback(mark);
      reply.error(Errors.INTERNAL);
    }
    return false;
  }
}
