package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What each node says of the members that it cannot reach. */
class MemberHealthTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final int NODES = 3;

  @RegisterExtension final RunningCluster cluster = new RunningCluster(NODES);

  @Test
  void allMembersAreOnlineWhereAllRun() {
    ClusterRig rig = cluster.rig();
    for (int asked = 1; asked <= NODES; asked++) {
      for (int member = 1; member <= NODES; member++) {
        awaitLine(rig, asked, member, " connected");
        assertThat(line(rig, asked, member)).doesNotContain("fail");
      }
    }
  }

  @Test
  void aDeadFollowerHasFailedForTheLeaderAndIsSuspectedByTheOther() {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int dead = rig.follower();
    int other = 1 + 2 + 3 - leader - dead;

    rig.kill(dead);

    awaitLine(rig, leader, dead, "slave,fail ");
    awaitLine(rig, leader, dead, " disconnected");
    awaitLine(rig, other, dead, "slave,fail? ");
    awaitLine(rig, other, dead, " disconnected");
    assertThat(line(rig, other, leader)).contains(" connected").doesNotContain("fail");
    assertThat(rig.info(leader, "raft").get("raft_member" + (dead - 1))).contains("health=failed");
    assertThat(rig.info(leader, "replication")).containsEntry("connected_slaves", "1");

    rig.restart(dead);

    awaitLine(rig, leader, dead, "slave " + id(rig, leader, leader));
    awaitLine(rig, other, dead, " connected");
  }

  @Test
  void aPausedFollowerIsSilentOnAConnectionThatStands() {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int paused = rig.follower();

    rig.pause(paused);

    awaitLine(rig, leader, paused, "slave,fail");
    assertThat(line(rig, leader, paused)).contains(" connected");
    rig.resume(paused);
    awaitLine(rig, leader, paused, "slave " + id(rig, leader, leader));
  }

  private static void awaitLine(ClusterRig rig, int asked, int member, String part) {
    Await.until(
        () -> "node " + asked + " on " + member + ": " + line(rig, asked, member),
        BOUND,
        () -> line(rig, asked, member).contains(part));
  }

  private static String id(ClusterRig rig, int asked, int member) {
    return line(rig, asked, member).split(" ", 2)[0];
  }

  /** A member's line of CLUSTER NODES, as a node tells it. */
  private static String line(ClusterRig rig, int asked, int member) {
    try (RawConnection connection = rig.connect(asked)) {
      Reply.BulkString nodes = (Reply.BulkString) connection.call("CLUSTER", "NODES");
      return nodes
          .value()
          .utf8()
          .lines()
          .filter(line -> line.contains(":" + rig.address(member).redirectPort() + "@"))
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return e.toString();
    }
  }
}
