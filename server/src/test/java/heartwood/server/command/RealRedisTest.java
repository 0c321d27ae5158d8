package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command files and the connection commands say, held against the installed Redis. */
class RealRedisTest {
  private static final int KEY_SPECS = 8;

  private static final List<String> NEWER_THAN_REDIS_7_0 =
      List.of(
          "client|setinfo",
          "client|no-touch",
          "cluster|myshardid",
          "hexpire",
          "hexpireat",
          "hexpiretime",
          "hgetdel",
          "hgetex",
          "hpersist",
          "hpexpire",
          "hpexpireat",
          "hpexpiretime",
          "hpttl",
          "hsetex",
          "httl",
          "waitaof");

  @SuppressWarnings("NullAway.Init")
  private static RealRedis redis;

  @BeforeAll
  static void startRedis() {
    redis = RealRedis.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void forgetTheTestBefore() {
    redis.send("RESET");
  }

  @Test
  void commandInfoSaysWhatRedisSays() throws Exception {
    FakeNode node = new FakeNode();
    FakeConnection connection = node.connect(Personality.REDIRECT);
    SoftAssertions softly = new SoftAssertions();
    for (String name : existingInRedis(node)) {
      assertThat(node.table.named(name)).as(name).isNotNull();
      Object ours = RespValue.parse(node.send(connection, "command", "info", name));
      Object theirs = RespValue.parse(redis.send("COMMAND", "INFO", name));

      softly.assertThat(facts(ours)).as(name).isEqualTo(facts(theirs));
    }
    softly.assertAll();
  }

  @Test
  void commandDocsHaveTheArgumentsThatRedisHas() throws Exception {
    FakeNode node = new FakeNode();
    FakeConnection connection = node.connect(Personality.REDIRECT);
    SoftAssertions softly = new SoftAssertions();
    for (String name : existingInRedis(node)) {
      Map<Object, Object> ours = docs(node.send(connection, "command", "docs", name));
      Map<Object, Object> theirs = docs(redis.send("COMMAND", "DOCS", name));

      for (String field : List.of("group", "since", "deprecated_since", "doc_flags")) {
        softly.assertThat(ours.get(field)).as(name).isEqualTo(theirs.get(field));
      }
      boolean hasMore = name.equals("hscan"); // NOVALUES came with Redis 7.4
      if (!hasMore) {
        softly
            .assertThat(arguments(ours.get("arguments")))
            .as(name)
            .isEqualTo(arguments(theirs.get("arguments")));
      }
      softly.assertThat(ours.get("summary")).as(name).isNotEqualTo(theirs.get("summary"));
    }
    softly.assertAll();
  }

  @Test
  void connectionCommandsAnswerByteForByteAlike() throws Exception {
    FakeNode node = new FakeNode();
    FakeConnection connection = node.connect(Personality.PROXY);
    SoftAssertions softly = new SoftAssertions();
    for (String protocol : List.of("2", "3")) {
      redis.send("HELLO", protocol);
      node.send(connection, "HELLO " + protocol);
      for (String line : SameReplies.LINES) {
        String ours = node.send(connection, line);
        String theirs = redis.send(line.split(" ", -1));

        softly
            .assertThat(withoutOurCategory(ours))
            .as("RESP%s %s", protocol, line)
            .isEqualTo(theirs);
      }
    }
    softly.assertAll();
  }

  /** ACL CAT as if there were no past. */
  private static String withoutOurCategory(String reply) {
    String ours = "$7\r\nhistory\r\n";
    return reply.endsWith(ours)
        ? reply.substring(0, reply.length() - ours.length()).replaceFirst("[*]22\r", "*21\r")
        : reply;
  }

  @Test
  void aclCategoriesAreThoseOfRedisAndTheOneOfThePast() throws Exception {
    FakeNode node = new FakeNode();

    String ours = node.send(node.connect(Personality.PROXY), "ACL CAT");

    assertThat(ours.replace("*22", "*21").replace("$7\r\nhistory\r\n", ""))
        .isEqualTo(redis.send("ACL", "CAT"));
  }

  @Test
  void aPasswordIsAskedForAlike() throws Exception {
    FakeNode node = new FakeNode("--requirepass", "secret");
    FakeConnection connection = node.connect(Personality.PROXY);
    try (RealRedis guarded = RealRedis.start("--requirepass", "secret")) {
      SoftAssertions softly = new SoftAssertions();
      for (String line : SameReplies.BEFORE_AND_AFTER_AUTH) {
        String theirs = guarded.send(line.split(" ", -1));

        softly.assertThat(node.send(connection, line)).as(line).isEqualTo(theirs);
      }
      softly.assertAll();
    }
  }

  private static List<String> existingInRedis(FakeNode node) {
    List<String> names = new ArrayList<>();
    for (String name : new TreeSet<>(node.table.describedNames())) {
      CommandSpec command = node.table.named(name);
      if (command != null && command.isIn(AclCategory.HISTORY)) {
        continue; // Redis forgets.
      }
      boolean exists = !redis.send("COMMAND", "INFO", name).equals("*1\r\n$-1\r\n");
      String group = requireNonNull(node.table.named(name)).facts().group();
      boolean isOurs = group.equals("history") || group.equals("raft");
      assertThat(exists || isOurs || NEWER_THAN_REDIS_7_0.contains(name)).as(name).isTrue();
      if (exists) {
        names.add(name);
      }
    }
    return names;
  }

  /** COMMAND INFO's first nine values; sets in one order, without Redis' notes. */
  private static Object facts(Object reply) {
    List<?> info = (List<?>) ((List<?>) reply).get(0);
    List<Object> facts = new ArrayList<>();
    for (int i = 0; i <= KEY_SPECS; i++) {
      Object value = info.get(i);
      if (i == KEY_SPECS) {
        facts.add(((List<?>) value).stream().map(RealRedisTest::withoutNotes).toList());
      } else if (value instanceof List<?> set) {
        facts.add(set.stream().map(String::valueOf).sorted().toList());
      } else {
        facts.add(value);
      }
    }
    return facts;
  }

  private static Object withoutNotes(Object keySpec) {
    Map<Object, Object> fields = map(keySpec);
    fields.remove("notes");
    return fields;
  }

  private static Map<Object, Object> docs(String reply) {
    return map(((List<?>) RespValue.parse(reply)).get(1));
  }

  /** The arguments as Redis 7.0 has them; the display text came later, "since" is left out. */
  private static Object arguments(@Nullable Object arguments) {
    if (arguments == null) {
      return List.of();
    }
    List<Object> result = new ArrayList<>();
    for (Object argument : (List<?>) arguments) {
      Map<Object, Object> fields = map(argument);
      fields.remove("display_text");
      fields.remove("since");
      fields.remove("deprecated_since");
      fields.computeIfPresent("name", (key, name) -> ((String) name).replace(':', '-'));
      fields.computeIfPresent("arguments", (key, parts) -> arguments(parts));
      result.add(fields);
    }
    return result;
  }

  private static Map<Object, Object> map(Object flat) {
    List<?> values = (List<?>) flat;
    Map<Object, Object> map = new HashMap<>();
    for (int i = 0; i < values.size(); i += 2) {
      map.put(values.get(i), values.get(i + 1));
    }
    return map;
  }
}
