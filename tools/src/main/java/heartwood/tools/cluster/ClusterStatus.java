package heartwood.tools.cluster;

import heartwood.tools.client.ClientOptions;
import heartwood.tools.console.JsonText;
import heartwood.tools.console.TextTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All members at about one moment, and the verdict. Immutable. */
record ClusterStatus(List<MemberStatus> members) {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** Asks the members at these addresses, and those that they name. */
  static ClusterStatus ask(List<ClientOptions> addresses) {
    Map<String, MemberStatus> found = new LinkedHashMap<>();
    List<ClientOptions> open = new ArrayList<>(addresses);
    while (!open.isEmpty()) {
      ClientOptions options = open.remove(0);
      if (found.containsKey(options.address())) {
        continue;
      }
      MemberStatus member = MemberStatus.ask(options.withTimeout(TIMEOUT));
      found.put(options.address(), member);
      for (String address : member.members()) {
        int colon = address.lastIndexOf(':');
        open.add(
            options.at(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
      }
    }
    return new ClusterStatus(
        found.values().stream().sorted((a, b) -> a.address().compareTo(b.address())).toList());
  }

  /** The member that leads in the newest term: an old leader may not know yet that it is none. */
  @Nullable MemberStatus leader() {
    return members.stream()
        .filter(MemberStatus::isLeader)
        .max((a, b) -> Long.compare(a.term(), b.term()))
        .orElse(null);
  }

  /** Whether everybody answers and follows one leader. */
  boolean isHealthy() {
    return leader() != null && members.stream().allMatch(MemberStatus::hasLeader);
  }

  /** The verdict in a sentence. */
  String sentence() {
    long reachable = members.stream().filter(MemberStatus::isReachable).count();
    MemberStatus leader = leader();
    String answering = reachable + " of " + members.size() + " members answer";
    if (leader == null) {
      return "down: " + answering + ", none of them leads.";
    }
    String leads = leader.address() + " leads in term " + leader.term();
    return (isHealthy() ? "healthy: " : "degraded: ") + answering + ", " + leads + ".";
  }

  /** A line for each member. */
  String table() {
    TextTable table = new TextTable("address", "role", "term", "commit", "applied", "lag", "");
    for (MemberStatus member : members) {
      if (member.isReachable()) {
        table.row(
            member.address(),
            member.role(),
            String.valueOf(member.term()),
            String.valueOf(member.commitIndex()),
            String.valueOf(member.appliedIndex()),
            String.valueOf(lag(member)),
            "");
      } else {
        table.row(member.address(), member.role(), "", "", "", "", member.problem());
      }
    }
    return table.toString();
  }

  /** Entries that the cluster has committed and this member has not applied. */
  private long lag(MemberStatus member) {
    long commitIndex = members.stream().mapToLong(MemberStatus::commitIndex).max().orElse(0);
    return commitIndex - member.appliedIndex();
  }

  String json() {
    List<Object> rows = new ArrayList<>();
    for (MemberStatus member : members) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("address", member.address());
      row.put("role", member.role());
      row.put("reachable", member.isReachable());
      if (member.isReachable()) {
        row.put("term", member.term());
        row.put("commit", member.commitIndex());
        row.put("applied", member.appliedIndex());
        row.put("lag", lag(member));
      } else {
        row.put("problem", member.problem());
      }
      rows.add(row);
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    MemberStatus leader = leader();
    all.put("healthy", isHealthy());
    all.put("leader", leader == null ? null : leader.address());
    all.put("members", rows);
    return JsonText.of(all);
  }
}
