package heartwood.server.command;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a command file says of a command. Immutable.
 *
 * @param id stands in the log: 1..64999, unique, never given to another command; what is above
 *     stands for what is no command, see {@link Operations}
 * @param name in lower case; a subcommand's is {@code container|subcommand}
 * @param group Redis' word for the family, and the name of the file
 * @param arity the number of arguments with the name; negative: at least as many
 * @param cursorArgument the argument that is a cursor, for what is asked page by page; 0: none
 * @param hasPast whether the same can be asked of the past, if it reads the keyspace
 * @param replacedBy what to use instead, if it is deprecated
 */
record CommandFacts(
    int id,
    String name,
    String group,
    int arity,
    String since,
    Set<CommandFlag> flags,
    Set<AclCategory> categories,
    List<KeySpec> keySpecs,
    int cursorArgument,
    boolean hasPast,
    List<String> tips,
    List<ArgumentDoc> arguments,
    String summary,
    String complexity,
    @Nullable String deprecatedSince,
    @Nullable String replacedBy) {

  /** The container that a subcommand belongs to, else null. */
  @Nullable String container() {
    int bar = name.indexOf('|');
    return bar < 0 ? null : name.substring(0, bar);
  }

  /** The name within the container, or the whole name. */
  String ownName() {
    return name.substring(name.indexOf('|') + 1);
  }

  /** Whether Redis would mark it {@code movablekeys}: its keys are more than one plain range. */
  static boolean hasMovableKeys(List<KeySpec> keySpecs) {
    return LegacyRange.of(keySpecs).movable();
  }

  /** All flags as COMMAND shows them. */
  Set<CommandFlag> shownFlags() {
    if (!hasMovableKeys(keySpecs)) {
      return flags;
    }
    EnumSet<CommandFlag> all = EnumSet.of(CommandFlag.MOVABLEKEYS);
    all.addAll(flags);
    return all;
  }
}
