package heartwood.tools.cluster;

import heartwood.resp.Reply;
import heartwood.tools.client.ClientOptions;
import heartwood.tools.client.RedisClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One member as its own INFO shows it. Immutable.
 *
 * @param problem why it could not be asked; empty if it answered
 * @param hasLeader whether it knows a leader
 * @param members the addresses of all members, as this one knows them
 */
record MemberStatus(
    String host,
    int port,
    String problem,
    String role,
    long term,
    long commitIndex,
    long appliedIndex,
    boolean hasLeader,
    List<String> members) {
  private static final Pattern MEMBER = Pattern.compile(".*\\bhost=(.+?),port=(\\d+),.*");

  /** Asks the member; a member that does not answer in time is unreachable. */
  static MemberStatus ask(ClientOptions options) {
    try (RedisClient client = new RedisClient(options)) {
      Reply reply = client.call("INFO", "raft");
      return reply instanceof Reply.SimpleError error
          ? unreachable(options, error.message())
          : of(options.host(), options.port(), fields(text(reply)));
    } catch (SocketTimeoutException e) {
      return unreachable(options, "no answer in time");
    } catch (IOException e) {
      return unreachable(options, String.valueOf(e.getMessage()));
    }
  }

  private static String text(Reply reply) {
    if (reply instanceof Reply.BulkString string) {
      return string.value().utf8();
    }
    return reply instanceof Reply.VerbatimString string ? string.text().utf8() : "";
  }

  static MemberStatus unreachable(ClientOptions options, String problem) {
    return new MemberStatus(
        options.host(), options.port(), problem, "unreachable", 0, 0, 0, false, List.of());
  }

  /** From the fields of INFO raft. */
  static MemberStatus of(String host, int port, Map<String, String> fields) {
    List<String> members = new ArrayList<>();
    fields.forEach(
        (name, value) -> {
          Matcher matcher = MEMBER.matcher(value);
          if (name.matches("raft_member\\d+") && matcher.matches()) {
            members.add(matcher.group(1) + ":" + matcher.group(2));
          }
        });
    boolean isMember = fields.containsKey("raft_role");
    return new MemberStatus(
        host,
        port,
        isMember ? "" : "does not answer like Heartwood",
        fields.getOrDefault("raft_role", "unreachable"),
        number(fields, "raft_term"),
        number(fields, "raft_commit_index"),
        number(fields, "raft_applied_index"),
        isTrue(fields.getOrDefault("raft_has_leader", "")),
        members.stream().sorted().toList());
  }

  private static boolean isTrue(String text) {
    return text.equals("1") || text.equals("yes") || text.equals("true");
  }

  private static long number(Map<String, String> fields, String name) {
    String text = fields.getOrDefault(name, "");
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
  }

  private static Map<String, String> fields(String info) {
    Map<String, String> fields = new HashMap<>();
    for (String line : info.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return fields;
  }

  boolean isReachable() {
    return problem.isEmpty();
  }

  boolean isLeader() {
    return role.equals("leader");
  }

  String address() {
    return ClientOptions.of(host, port).address();
  }
}
