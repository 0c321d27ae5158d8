package heartwood.server.command;

import heartwood.resp.Request;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All commands of the server, in one table: arity checks, routing, key extraction, ACL categories
 * and COMMAND follow from it. What a command is stands in the command files beside this class (see
 * {@link CommandFile}); what it does is registered here, by name:
 *
 * <pre>
 *   static void register(CommandTable table) {
 *     table.write("hset", HashCommands::hset);
 *     table.read("hget", HashCommands::hget);
 *   }
 * </pre>
 *
 * A command that a file describes and nobody registers does not exist. Filled by one thread before
 * it is shared, then immutable and thread-safe.
 */
public final class CommandTable {
  private static final List<String> GROUPS =
      List.of(
          "connection",
          "server",
          "cluster",
          "generic",
          "string",
          "bitmap",
          "hash",
          "history",
          "raft");
  private static final int MAX_SHOWN_BYTES = 128;

  private final Map<String, CommandFacts> facts = new HashMap<>();
  private final TreeMap<String, CommandSpec> commands = new TreeMap<>();
  private final WordIndex index = new WordIndex();
  private final CommandSpec[] byId;

  public CommandTable() {
    int maxId = 0;
    for (String group : GROUPS) {
      for (CommandFacts command : CommandFile.read(group)) {
        if (facts.put(command.name(), command) != null) {
          throw new IllegalStateException(command.name() + ": described twice");
        }
        maxId = Math.max(maxId, command.id());
      }
    }
    byId = new CommandSpec[maxId + 1];
  }

  /** Registers a command that changes the keyspace; {@code container|subcommand} for a part. */
  public void write(String name, KeyspaceCommand command) {
    add(CommandSpec.overKeyspace(described(name), CommandSpec.Kind.WRITE, command));
  }

  /** Registers a command that reads the keyspace. */
  public void read(String name, KeyspaceCommand command) {
    add(CommandSpec.overKeyspace(described(name), CommandSpec.Kind.READ, command));
  }

  /** Registers a command about the connection or the node. */
  public void connection(String name, ConnectionCommand command) {
    add(CommandSpec.overConnection(described(name), command));
  }

  /** The same of a command that may name a moment, which is made out before it runs. */
  void connection(String name, MomentFinder moment, ConnectionCommand command) {
    add(CommandSpec.overConnection(described(name), moment, command));
  }

  /** Registers the command that has others read the past. */
  void at(String name) {
    add(CommandSpec.at(described(name), this));
  }

  /** Registers a command that waits for nodes to hold what was written. */
  void waiting(String name, WaitCommand command) {
    add(CommandSpec.waiting(described(name), command));
  }

  /** Registers a command about who takes part in consensus. */
  void membership(String name, MembershipRequest.Reader reader) {
    add(CommandSpec.membership(described(name), reader));
  }

  /**
   * The command that a request calls, its subcommand where it has some, or null: then answer {@link
   * #unknown}. A container without a subcommand is returned itself; its arity refuses that. CONFIG
   * SET of a setting that all nodes share is TIMELINE SET: the arguments are alike.
   */
  public @Nullable CommandSpec lookup(Request request) {
    CommandSpec command = index.find(request, 0);
    if (command != null && command.kind() == CommandSpec.Kind.AT && request.count() == 2) {
      CommandSpec help = command.subcommand(request);
      return help == null ? command : help;
    }
    if (command == null || request.count() == 1 || !command.isContainer()) {
      return command;
    }
    CommandSpec subcommand = command.subcommand(request);
    boolean isOfCluster =
        subcommand != null
            && subcommand == named("config|set")
            && HistorySettingsText.isConfigSet(request);
    return isOfCluster ? named("timeline|set") : subcommand;
  }

  /** The command with an id from the log, or null if this version does not have it. */
  public @Nullable CommandSpec byId(int id) {
    return id >= 0 && id < byId.length ? byId[id] : null;
  }

  /** The error for a request that {@link #lookup} does not find, in Redis' words. */
  public String unknown(Request request) {
    CommandSpec command = index.find(request, 0);
    if (command != null && request.count() > 1) {
      return "ERR unknown subcommand '"
          + shown(request, 1, MAX_SHOWN_BYTES)
          + "'. Try "
          + command.name().toUpperCase(Locale.ROOT)
          + " HELP.";
    }
    StringBuilder message = new StringBuilder("ERR unknown command '");
    message.append(shown(request, 0, MAX_SHOWN_BYTES)).append("', with args beginning with: ");
    int begin = message.length();
    for (int i = 1; i < request.count() && message.length() - begin < MAX_SHOWN_BYTES; i++) {
      int room = MAX_SHOWN_BYTES - (message.length() - begin);
      message.append('\'').append(shown(request, i, room)).append("' ");
    }
    return message.toString();
  }

  /** The command that has others read the past. */
  public CommandSpec at() {
    return Objects.requireNonNull(commands.get("at"), "at is not registered");
  }

  /** All commands but subcommands, by name. */
  Collection<CommandSpec> commands() {
    return Collections.unmodifiableCollection(commands.values());
  }

  /** All commands, each container followed by its subcommands. */
  List<CommandSpec> all() {
    List<CommandSpec> all = new ArrayList<>();
    for (CommandSpec command : commands.values()) {
      all.add(command);
      all.addAll(command.subcommands());
    }
    return all;
  }

  /** The names that the command files describe, registered or not. */
  Collection<String> describedNames() {
    return Collections.unmodifiableCollection(facts.keySet());
  }

  /** A command by its name in lower case, {@code container|subcommand} for a part. */
  @Nullable CommandSpec named(String name) {
    CommandFacts described = facts.get(name);
    return described == null ? null : byId[described.id()];
  }

  private CommandFacts described(String name) {
    CommandFacts described = facts.get(name);
    if (described == null) {
      throw new IllegalStateException(name + ": no command file describes it");
    }
    return described;
  }

  private void add(CommandSpec command) {
    String container = command.facts().container();
    if (container != null) {
      CommandSpec parent = commands.get(container);
      if (parent == null) {
        parent = CommandSpec.container(described(container));
        add(parent);
      }
      parent.add(command);
    } else if (commands.putIfAbsent(command.name(), command) != null) {
      throw new IllegalStateException(command.name() + ": registered twice");
    } else {
      index.put(command.name(), command);
    }
    if (byId[command.id()] != null) {
      throw new IllegalStateException(command + " and " + byId[command.id()] + ": one id");
    }
    byId[command.id()] = command;
  }

  /** An argument as Redis prints it: one char per byte, up to a limit or a zero byte. */
  private static String shown(Request request, int argument, int maxBytes) {
    StringBuilder text = new StringBuilder();
    int length = Math.min(request.length(argument), maxBytes);
    for (int i = 0; i < length && request.byteAt(argument, i) != 0; i++) {
      text.append((char) (request.byteAt(argument, i) & 0xff));
    }
    return text.toString();
  }
}
