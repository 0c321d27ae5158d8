package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Members come and go while clients write: 3 → 5 → 3, and every one is replaced. {@code -Dseed=…}
 * for the same writers again.
 */
class MembershipTest {
  private static final int WRITERS = 4;
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final long SEED = Long.getLong("seed", System.nanoTime());

  /** The log is cut meanwhile: who joins needs a snapshot first. */
  @RegisterExtension final RunningCluster cluster = new RunningCluster(3, "--log-max-bytes", "1mb");

  private final Ledger ledger = new Ledger(WRITERS);
  private final Random random = new Random(SEED);

  @Test
  void threeBecomeFiveAndThreeAgainWhileClientsWrite() throws IOException {
    ClusterRig rig = cluster.rig();
    try (WriterCrew crew = WriterCrew.start(rig, ledger, WRITERS, random.nextLong())) {
      crew.awaitAcknowledged(1000);
      join(crew);
      join(crew);
      assertThat(members().voters()).containsExactly("n1", "n2", "n3", "n4", "n5");
      int leader = rig.awaitLeader();
      rig.kill(leader);
      crew.awaitAcknowledged(100);
      rig.restart(leader);
      rig.awaitAllAnswering();
      leave(leader, crew);
      leave(rig.awaitLeader(), crew);
    }
    requireNothingLost();
    assertThat(members().voters()).hasSize(3);
  }

  @Test
  void everyMemberIsReplacedWhileClientsWrite() throws IOException {
    ClusterRig rig = cluster.rig();
    try (WriterCrew crew = WriterCrew.start(rig, ledger, WRITERS, random.nextLong())) {
      for (int leaving = 1; leaving <= 3; leaving++) {
        crew.awaitAcknowledged(300);
        if (leaving == 2) {
          rig.kill(leaving); // It is dead and comes no more.
        }
        join(crew);
        leave(leaving, crew);
      }
    }
    requireNothingLost();
    assertThat(members().voters()).containsExactly("n4", "n5", "n6");
  }

  /** One of three is dead: the other two are all that there is. */
  @Test
  void noMemberIsTakenOutThatTheMajorityNeeds() throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int lost = leader % 3 + 1;

    assertThat(members().change("RAFT", "ADD", rig.address(lost).toString()))
        .isEqualTo("ERR n" + lost + " is a member already");
    rig.kill(lost);
    int other = 6 - leader - lost;
    Await.until("n" + lost + " is missed", BOUND, () -> explanation().contains("silent: n" + lost));
    assertThat(members().change("RAFT", "REMOVE", "" + other))
        .isEqualTo(
            "TRYAGAIN without n"
                + other
                + " too few voters would be left that answer: no majority");
    assertThat(members().change("RAFT", "REMOVE", "" + lost)).isEqualTo("OK");
    assertThat(members().change("RAFT", "REMOVE", "" + lost))
        .isEqualTo("ERR n" + lost + " is no member");
    rig.retire(lost);
    assertThat(members().voters()).hasSize(2);
  }

  private void join(WriterCrew crew) {
    members().join(cluster.rig().startJoining());
    crew.awaitAcknowledged(100);
  }

  private void leave(int node, WriterCrew crew) {
    members().leave(node);
    crew.awaitAcknowledged(100);
  }

  private RigMembers members() {
    return new RigMembers(cluster.rig());
  }

  private String explanation() {
    try (RawConnection connection = cluster.rig().connect(cluster.rig().awaitLeader())) {
      return text(connection.call("RAFT", "EXPLAIN"));
    } catch (IOException e) {
      return "";
    }
  }

  private static String text(Reply reply) {
    return ((Reply.BulkString) reply).value().utf8();
  }

  private void requireNothingLost() throws IOException {
    ClusterRig rig = cluster.rig();
    try (RawConnection connection = rig.connectProxy(rig.awaitLeader())) {
      rig.awaitServing(connection);
      ledger.checkAll(connection);
    }
    rig.requireEqualDigests();
    rig.requireHealthy();
    System.out.println(ledger + ", seed " + SEED);
  }
}
