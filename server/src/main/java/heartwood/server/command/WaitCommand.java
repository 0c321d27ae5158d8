package heartwood.server.command;

import heartwood.resp.ReplySink;

/**
 * A command that waits until nodes hold what its connection wrote. What was answered is on a
 * majority anyway; who waits wants more of them, or wants to know. Stateless.
 */
public enum WaitCommand {
  /** WAIT numreplicas timeout: replies with the number of followers. */
  WAIT {
    @Override
    public Acknowledgements wanted(Arguments args) {
      return new Acknowledgements(0, Numbers.requireLong(args, 1));
    }

    @Override
    public long timeoutMillis(Arguments args) {
      return requireTimeoutMillis(args, 2);
    }

    @Override
    public void reply(Acknowledgements present, ReplySink reply) {
      reply.integer(present.followers());
    }

    @Override
    public String refusalOfFollower() {
      return "ERR WAIT cannot be used with replica instances. Please also note that since Redis"
          + " 4.0 if a replica is configured to be writable (which is not the default) writes to"
          + " replicas are just local and are not propagated.";
    }
  },

  /** WAITAOF numlocal numreplicas timeout: replies with both numbers. The log is the file. */
  WAITAOF {
    @Override
    public Acknowledgements wanted(Arguments args) {
      long ownDisks = Numbers.requireLong(args, 1);
      if (ownDisks < 0 || ownDisks > 1) {
        throw new CommandException("ERR value is out of range, value must between 0 and 1");
      }
      long followers = Numbers.requireLong(args, 2);
      if (followers < 0) {
        throw new CommandException("ERR value is out of range, must be positive");
      }
      return new Acknowledgements(ownDisks, followers);
    }

    @Override
    public long timeoutMillis(Arguments args) {
      return requireTimeoutMillis(args, 3);
    }

    @Override
    public void reply(Acknowledgements present, ReplySink reply) {
      reply.array(2);
      reply.integer(present.ownDisks());
      reply.integer(present.followers());
    }

    @Override
    public String refusalOfFollower() {
      return "ERR WAITAOF cannot be used with replica instances. Please also note that writes to"
          + " replicas are just local and are not propagated.";
    }
  };

  static void register(CommandTable table) {
    table.waiting("wait", WAIT);
    table.waiting("waitaof", WAITAOF);
  }

  /** What to wait for; throws {@link CommandException}. */
  public abstract Acknowledgements wanted(Arguments args);

  /** For how long; 0: for ever. Throws {@link CommandException}. */
  public abstract long timeoutMillis(Arguments args);

  /** Replies with what there is when the wait is over. */
  public abstract void reply(Acknowledgements present, ReplySink reply);

  /** The error of a node that does not lead: nothing was written here. */
  public abstract String refusalOfFollower();

  static long requireTimeoutMillis(Arguments args, int argument) {
    long millis =
        Numbers.requireLong(args, argument, "ERR timeout is not an integer or out of range");
    if (millis < 0) {
      throw new CommandException("ERR timeout is negative");
    }
    return millis;
  }
}
