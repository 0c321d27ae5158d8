package heartwood.server.command;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A group of commands that a rule of an ACL allows or forbids at once, in Redis' order. */
public enum AclCategory {
  KEYSPACE,
  READ,
  WRITE,
  SET,
  SORTEDSET,
  LIST,
  HASH,
  STRING,
  BITMAP,
  HYPERLOGLOG,
  GEO,
  STREAM,
  PUBSUB,
  ADMIN,
  FAST,
  SLOW,
  BLOCKING,
  DANGEROUS,
  CONNECTION,
  TRANSACTION,
  SCRIPTING,
  /** What was; Redis has no such commands. */
  HISTORY;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word without the at sign. */
  public String word() {
    return word;
  }

  /** The category with a word, in any case; null if there is none. */
  static @Nullable AclCategory named(String word) {
    for (AclCategory category : values()) {
      if (category.word.equalsIgnoreCase(word)) {
        return category;
      }
    }
    return null;
  }

  /** The categories that follow from a command's flags, as Redis derives them. */
  static EnumSet<AclCategory> impliedBy(Set<CommandFlag> flags) {
    EnumSet<AclCategory> categories = EnumSet.noneOf(AclCategory.class);
    if (flags.contains(CommandFlag.WRITE)) {
      categories.add(WRITE);
    }
    if (flags.contains(CommandFlag.READONLY)) {
      categories.add(READ);
    }
    if (flags.contains(CommandFlag.ADMIN)) {
      categories.add(ADMIN);
      categories.add(DANGEROUS);
    }
    if (flags.contains(CommandFlag.PUBSUB)) {
      categories.add(PUBSUB);
    }
    if (flags.contains(CommandFlag.BLOCKING)) {
      categories.add(BLOCKING);
    }
    categories.add(flags.contains(CommandFlag.FAST) ? FAST : SLOW);
    return categories;
  }
}
