package heartwood.server.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command file: what there is to know of a group's commands apart from what they do. A block for
 * each, the blocks divided by empty lines:
 *
 * <pre>
 *   hset id=512 arity=-4 since=2.0.0 flags=write,denyoom,fast
 *     keys RW update at 1
 *     syntax key data={field value}...
 *     complexity O(N) in the number of fields named
 *     summary Sets fields of a hash.
 * </pre>
 *
 * ACL categories follow from the flags and the group; {@code acl=} replaces the group's part.
 * {@code cursor=2} says that argument 2 is a cursor, {@code past=no} that a command which reads the
 * keyspace tells nothing of how it was. The forms of the other lines are with {@link KeySpecReader}
 * and {@link SyntaxReader}.
 */
final class CommandFile {
  private static final Map<String, AclCategory> CATEGORY_OF_GROUP =
      Map.ofEntries(
          Map.entry("generic", AclCategory.KEYSPACE),
          Map.entry("string", AclCategory.STRING),
          Map.entry("hash", AclCategory.HASH),
          Map.entry("list", AclCategory.LIST),
          Map.entry("set", AclCategory.SET),
          Map.entry("sorted-set", AclCategory.SORTEDSET),
          Map.entry("stream", AclCategory.STREAM),
          Map.entry("bitmap", AclCategory.BITMAP),
          Map.entry("hyperloglog", AclCategory.HYPERLOGLOG),
          Map.entry("geo", AclCategory.GEO),
          Map.entry("pubsub", AclCategory.PUBSUB),
          Map.entry("connection", AclCategory.CONNECTION),
          Map.entry("transactions", AclCategory.TRANSACTION),
          Map.entry("scripting", AclCategory.SCRIPTING),
          Map.entry("history", AclCategory.HISTORY));

  private final String group;
  private final List<CommandFacts> commands = new ArrayList<>();

  private CommandFile(String group) {
    this.group = group;
  }

  /** Reads the file of a group from beside this class. */
  static List<CommandFacts> read(String group) {
    String resource = group + ".commands";
    try (InputStream in = CommandFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource is missing: " + resource);
      }
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      return parse(group, reader.lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<CommandFacts> parse(String group, List<String> lines) {
    CommandFile file = new CommandFile(group);
    int start = 0;
    for (int i = 0; i <= lines.size(); i++) {
      if (i == lines.size() || lines.get(i).isBlank()) {
        if (i > start) {
          file.block(lines.subList(start, i));
        }
        start = i + 1;
      }
    }
    return file.commands;
  }

  private void block(List<String> lines) {
    String[] words = lines.get(0).split(" ", -1);
    String name = words[0];
    Map<String, String> head = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      head.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    List<KeySpec> keySpecs = new ArrayList<>();
    Map<String, String> body = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] field = line.trim().split(" ", 2);
      if (field[0].equals("keys")) {
        keySpecs.add(KeySpec.parse(field[1]));
      } else if (body.put(field[0], field[1]) != null) {
        throw new IllegalArgumentException(name + ": two lines of " + field[0]);
      }
    }
    Set<CommandFlag> flags = flags(head.get("flags"));
    String deprecated = body.get("deprecated");
    String tips = body.get("tips");
    String syntax = body.get("syntax");
    commands.add(
        new CommandFacts(
            Integer.parseInt(required(name, head, "id")),
            name,
            group,
            Integer.parseInt(required(name, head, "arity")),
            required(name, head, "since"),
            flags,
            categories(flags, head.get("acl")),
            List.copyOf(keySpecs),
            Integer.parseInt(head.getOrDefault("cursor", "0")),
            !head.getOrDefault("past", "yes").equals("no"),
            tips == null ? List.of() : List.of(tips.split(" ", -1)),
            syntax == null ? List.of() : new SyntaxReader(syntax).read(),
            required(name, body, "summary"),
            required(name, body, "complexity"),
            deprecated == null ? null : deprecated.substring(0, deprecated.indexOf(' ')),
            deprecated == null ? null : deprecated.substring(deprecated.indexOf(' ') + 1)));
  }

  private static String required(String name, Map<String, String> fields, String field) {
    String value = fields.get(field);
    if (value == null) {
      throw new IllegalArgumentException(name + ": no " + field);
    }
    return value;
  }

  private static Set<CommandFlag> flags(@Nullable String list) {
    EnumSet<CommandFlag> flags = EnumSet.noneOf(CommandFlag.class);
    if (list != null) {
      for (String word : list.split(",", -1)) {
        flags.add(CommandFlag.valueOf(word.toUpperCase(Locale.ROOT)));
      }
    }
    return flags;
  }

  private Set<AclCategory> categories(Set<CommandFlag> flags, @Nullable String explicit) {
    EnumSet<AclCategory> categories = AclCategory.impliedBy(flags);
    if (explicit == null) {
      AclCategory ofGroup = CATEGORY_OF_GROUP.get(group);
      if (ofGroup != null) {
        categories.add(ofGroup);
      }
    } else if (!explicit.equals("-")) {
      for (String word : explicit.split(",", -1)) {
        categories.add(AclCategory.valueOf(word.toUpperCase(Locale.ROOT)));
      }
    }
    return categories;
  }
}
