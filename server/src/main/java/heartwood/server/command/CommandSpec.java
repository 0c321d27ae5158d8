package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.resp.Request;
import java.util.Collection;
import java.util.Collections;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A command of the {@link CommandTable}: what it is called, how it must be called, what it touches
 * and the code that runs it. Complete once the table is filled, then immutable and thread-safe.
 */
public final class CommandSpec {

  /** Where a command runs, and whether it goes through the log. */
  public enum Kind {
    /** Changes the keyspace: logged, and run by every node. */
    WRITE,
    /** Reads the keyspace: run by one node, once it may. */
    READ,
    /** About the connection or the node: no log, no keyspace. */
    CONNECTION,
    /** Waits, at the leader, for nodes to hold what the connection wrote. */
    WAIT,
    /** Asks the leader to change who takes part in consensus; answered when that is committed. */
    MEMBERSHIP,
    /** Has another command, one of {@link #READ}, look at the past. */
    AT
  }

  private final CommandFacts facts;
  private final Kind kind;
  private final int onlyKey;
  private final boolean isOfCluster;
  private final boolean isAudited;
  private final @Nullable KeyspaceCommand keyspaceCommand;
  private final @Nullable ConnectionCommand connectionCommand;
  private final @Nullable WaitCommand waitCommand;
  private final MembershipRequest.@Nullable Reader membershipReader;
  private final @Nullable MomentFinder momentFinder;

  /** Where an inner command is looked up; null but for {@link Kind#AT}. */
  private final @Nullable CommandTable innerCommands;

  private final TreeMap<String, CommandSpec> subcommands = new TreeMap<>();
  private final WordIndex subcommandIndex = new WordIndex();

  private CommandSpec(
      CommandFacts facts,
      Kind kind,
      @Nullable KeyspaceCommand keyspaceCommand,
      @Nullable ConnectionCommand connectionCommand,
      @Nullable WaitCommand waitCommand,
      MembershipRequest.@Nullable Reader membershipReader,
      @Nullable MomentFinder momentFinder,
      @Nullable CommandTable innerCommands) {
    this.facts = facts;
    this.kind = kind;
    this.onlyKey = facts.keySpecs().size() == 1 ? facts.keySpecs().get(0).onlyKey() : -1;
    this.isOfCluster = facts.group().equals("cluster");
    this.isAudited =
        kind == Kind.MEMBERSHIP
            || (kind == Kind.WRITE
                && (facts.categories().contains(AclCategory.HISTORY)
                    || facts.categories().contains(AclCategory.DANGEROUS)));
    this.keyspaceCommand = keyspaceCommand;
    this.connectionCommand = connectionCommand;
    this.waitCommand = waitCommand;
    this.membershipReader = membershipReader;
    this.momentFinder = momentFinder;
    this.innerCommands = innerCommands;
  }

  static CommandSpec overKeyspace(CommandFacts facts, Kind kind, KeyspaceCommand command) {
    if ((kind == Kind.WRITE) != facts.flags().contains(CommandFlag.WRITE)) {
      throw new IllegalStateException(
          facts.name() + ": registered as " + kind + ", flags are " + facts.flags());
    }
    return new CommandSpec(facts, kind, command, null, null, null, null, null);
  }

  static CommandSpec overConnection(CommandFacts facts, ConnectionCommand command) {
    return overConnection(facts, null, command);
  }

  static CommandSpec overConnection(
      CommandFacts facts, @Nullable MomentFinder moment, ConnectionCommand command) {
    if (facts.flags().contains(CommandFlag.WRITE)) {
      throw new IllegalStateException(facts.name() + ": a write needs the keyspace");
    }
    return new CommandSpec(facts, Kind.CONNECTION, null, command, null, null, moment, null);
  }

  static CommandSpec waiting(CommandFacts facts, WaitCommand command) {
    return new CommandSpec(facts, Kind.WAIT, null, null, command, null, null, null);
  }

  static CommandSpec membership(CommandFacts facts, MembershipRequest.Reader reader) {
    return new CommandSpec(facts, Kind.MEMBERSHIP, null, null, null, reader, null, null);
  }

  static CommandSpec at(CommandFacts facts, CommandTable table) {
    return new CommandSpec(facts, Kind.AT, null, null, null, null, null, table);
  }

  /** A command that exists for its subcommands alone. */
  static CommandSpec container(CommandFacts facts) {
    return new CommandSpec(facts, Kind.CONNECTION, null, null, null, null, null, null);
  }

  /** The number that stands for the command in the log: 1..64999, the same for ever. */
  public int id() {
    return facts.id();
  }

  /** In lower case; a subcommand's is {@code container|subcommand}. */
  public String name() {
    return facts.name();
  }

  public Kind kind() {
    return kind;
  }

  public boolean has(CommandFlag flag) {
    return facts.flags().contains(flag);
  }

  /** Whether {@link AuditLog} has a line for it. */
  boolean isAudited() {
    return isAudited;
  }

  public boolean isIn(AclCategory category) {
    return facts.categories().contains(category);
  }

  /** Whether a request of so many arguments, the name included, fits the arity. */
  public boolean accepts(int argumentCount) {
    int arity = facts.arity();
    return arity >= 0 ? argumentCount == arity : argumentCount >= -arity;
  }

  /** The error to answer where {@link #accepts} says no. */
  public String wrongArgumentCount() {
    return "ERR wrong number of arguments for '" + name() + "' command";
  }

  /**
   * Why a connection may not run a request of so many arguments, as an error reply; null if it may.
   * The order of the reasons is Redis'.
   */
  public @Nullable String refusal(int argumentCount, Connection connection) {
    if (!accepts(argumentCount)) {
      return wrongArgumentCount();
    }
    if (!connection.state().isAuthenticated() && !has(CommandFlag.NO_AUTH)) {
      return "NOAUTH Authentication required.";
    }
    if (isOfCluster && connection.personality() == Personality.PROXY) {
      return "ERR This instance has cluster support disabled";
    }
    return null;
  }

  /** Whether requests of this command can have keys. */
  public boolean hasKeys() {
    return !facts.keySpecs().isEmpty();
  }

  /** The position of the key if every request has exactly one at the same place, else -1. */
  public int onlyKey() {
    return onlyKey;
  }

  /**
   * Replaces the content of {@code keys} by the positions of a request's keys. The request fits the
   * arity.
   *
   * @return false if the arguments contradict themselves, such as a number of keys that is too big;
   *     the command itself will answer with its own error
   */
  public boolean findKeys(Request request, KeyPositions keys) {
    keys.clear();
    if (innerCommands != null) {
      return PastRead.findKeys(innerCommands, request, keys);
    }
    boolean valid = true;
    for (int i = 0; i < facts.keySpecs().size(); i++) {
      valid &= facts.keySpecs().get(i).findKeys(request, keys);
    }
    return valid;
  }

  /** Whether AT and frozen connections may ask it of the past. */
  public boolean hasPast() {
    return kind == Kind.READ && facts.hasPast();
  }

  /**
   * The argument that is a cursor, for a command that goes on where another call ended; 0: none.
   */
  public int cursorArgument() {
    return facts.cursorArgument();
  }

  /**
   * The moment that a {@link Kind#CONNECTION} request names, which must be made out before the
   * command runs; null if it names none.
   *
   * @throws CommandException when it is none
   */
  public @Nullable Moment findMoment(Arguments args, Connection connection) {
    return momentFinder == null ? null : momentFinder.find(args, connection);
  }

  /** The code of a {@link Kind#WRITE} or {@link Kind#READ}. */
  public KeyspaceCommand keyspaceCommand() {
    if (keyspaceCommand == null) {
      throw new IllegalStateException(name() + ": is " + kind);
    }
    return keyspaceCommand;
  }

  /** The code of a {@link Kind#WAIT}. */
  public WaitCommand waitCommand() {
    if (waitCommand == null) {
      throw new IllegalStateException(name() + ": is " + kind);
    }
    return waitCommand;
  }

  /** What a {@link Kind#MEMBERSHIP} asks for; throws {@link CommandException}. */
  public MembershipRequest readMembership(Arguments args) {
    if (membershipReader == null) {
      throw new IllegalStateException(name() + ": is " + kind);
    }
    return membershipReader.read(args);
  }

  /**
   * Runs a {@link Kind#CONNECTION} command, which the connection was not refused, at its place in
   * the connection's order.
   */
  public void run(Arguments args, Connection connection, ReplySink reply) {
    if (connectionCommand == null) {
      throw new IllegalStateException(name() + ": is " + kind);
    }
    long mark = reply.mark();
    try {
      connectionCommand.run(args, connection, reply);
    } catch (CommandException e) {
      reply.rollback(mark);
      reply.error(e.reply());
    }
  }

  CommandFacts facts() {
    return facts;
  }

  /** AT has a HELP, but what stands in its place is a time as a rule. */
  boolean isContainer() {
    return !subcommands.isEmpty() && kind != Kind.AT;
  }

  /** By name. */
  Collection<CommandSpec> subcommands() {
    return Collections.unmodifiableCollection(subcommands.values());
  }

  void add(CommandSpec subcommand) {
    String word = subcommand.facts.ownName();
    if (subcommands.putIfAbsent(word, subcommand) != null) {
      throw new IllegalStateException(subcommand.name() + ": registered twice");
    }
    subcommandIndex.put(word, subcommand);
  }

  @Nullable CommandSpec subcommand(Request request) {
    return subcommandIndex.find(request, 1);
  }

  @Override
  public String toString() {
    return name();
  }
}
