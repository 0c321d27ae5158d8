package heartwood.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tools.client.ClientOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemberStatusTest {
  @Test
  void theFieldsOfInfoBecomeAMember() {
    MemberStatus member = member(7001, "leader", 7, 120, 119);

    assertThat(member.isReachable()).isTrue();
    assertThat(member.isLeader()).isTrue();
    assertThat(member.term()).isEqualTo(7);
    assertThat(member.hasLeader()).isTrue();
    assertThat(member.members()).containsExactly("127.0.0.1:7001", "::1:7002");
  }

  @Test
  void anotherServerIsNoMember() {
    MemberStatus member = MemberStatus.of("127.0.0.1", 6379, Map.of());

    assertThat(member.isReachable()).isFalse();
    assertThat(member.problem()).isEqualTo("does not answer like Heartwood");
  }

  @Test
  void lagIsCountedFromWhatAnybodyKnowsCommitted() {
    ClusterStatus status =
        status(member(7001, "leader", 7, 120, 120), member(7002, "follower", 7, 118, 117));

    assertThat(status.table())
        .isEqualTo(
            """
            node  address         role      term  commit  applied  lag
               1  127.0.0.1:7001  leader       7     120      120    0
                  127.0.0.1:7002  follower     7     118      117    3
            """);
    assertThat(status.sentence())
        .isEqualTo("healthy: 2 of 2 members answer, 127.0.0.1:7001 leads in term 7.");
  }

  @Test
  void aMemberThatIsSilentMakesTheClusterDegraded() {
    MemberStatus silent =
        MemberStatus.unreachable(ClientOptions.of("127.0.0.1", 7002), "Connection refused");

    ClusterStatus status = status(member(7001, "leader", 7, 120, 120), silent);

    assertThat(status.isHealthy()).isFalse();
    assertThat(status.sentence()).startsWith("degraded: 1 of 2 members answer");
    assertThat(status.table()).contains("unreachable").contains("Connection refused");
    assertThat(status.json())
        .startsWith("{\"healthy\":false,\"leader\":\"127.0.0.1:7001\"")
        .contains("\"reachable\":false,\"problem\":\"Connection refused\"");
  }

  @Test
  void ofTwoLeadersTheOneOfTheNewerTermCounts() {
    ClusterStatus status =
        status(member(7001, "leader", 7, 120, 120), member(7002, "leader", 8, 121, 121));

    assertThat(status.sentence()).contains("127.0.0.1:7002 leads in term 8");
  }

  @Test
  void withoutALeaderTheClusterIsDown() {
    ClusterStatus status = status(member(7001, "candidate", 9, 1, 1));

    assertThat(status.sentence()).isEqualTo("down: 1 of 1 members answer, none of them leads.");
    assertThat(status.json()).contains("\"leader\":null");
  }

  private static ClusterStatus status(MemberStatus... members) {
    return new ClusterStatus(List.of(members), Map.of("127.0.0.1:7001", 1));
  }

  private static MemberStatus member(int port, String role, long term, long commit, long applied) {
    return MemberStatus.of(
        "127.0.0.1",
        port,
        Map.of(
            "raft_role",
            role,
            "raft_term",
            String.valueOf(term),
            "raft_commit_index",
            String.valueOf(commit),
            "raft_applied_index",
            String.valueOf(applied),
            "raft_has_leader",
            "1",
            "raft_member0",
            "id=ab,host=127.0.0.1,port=7001,role=leader,health=online",
            "raft_member1",
            "id=cd,host=::1,port=7002,role=follower,health=online"));
  }
}
