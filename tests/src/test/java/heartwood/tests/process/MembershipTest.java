package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
      assertThat(voters()).containsExactly("n1", "n2", "n3", "n4", "n5");
      int leader = rig.awaitLeader();
      rig.kill(leader);
      crew.awaitAcknowledged(100);
      rig.restart(leader);
      rig.awaitAllAnswering();
      leave(leader, crew);
      leave(rig.awaitLeader(), crew);
    }
    requireNothingLost();
    assertThat(voters()).hasSize(3);
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
    assertThat(voters()).containsExactly("n4", "n5", "n6");
  }

  /** One of three is dead: the other two are all that there is. */
  @Test
  void noMemberIsTakenOutThatTheMajorityNeeds() throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int lost = leader % 3 + 1;

    assertThat(change("RAFT", "ADD", rig.address(lost).toString()))
        .isEqualTo("ERR n" + lost + " is a member already");
    rig.kill(lost);
    int other = 6 - leader - lost;
    Await.until("n" + lost + " is missed", BOUND, () -> explanation().contains("silent: n" + lost));
    assertThat(change("RAFT", "REMOVE", "" + other))
        .isEqualTo(
            "TRYAGAIN without n"
                + other
                + " too few voters would be left that answer: no majority");
    assertThat(change("RAFT", "REMOVE", "" + lost)).isEqualTo("OK");
    assertThat(change("RAFT", "REMOVE", "" + lost)).isEqualTo("ERR n" + lost + " is no member");
    rig.retire(lost);
    assertThat(voters()).hasSize(2);
  }

  private void join(WriterCrew crew) {
    ClusterRig rig = cluster.rig();
    int node = rig.startJoining();
    Await.until(
        "n" + node + " is taken in",
        BOUND,
        () -> {
          String answer = change("RAFT", "ADD", rig.address(node).toString());
          return answer.equals("OK") || answer.endsWith("is a member already");
        });
    Await.until("n" + node + " votes", BOUND, () -> voters().contains("n" + node));
    crew.awaitAcknowledged(100);
  }

  private void leave(int node, WriterCrew crew) {
    ClusterRig rig = cluster.rig();
    Await.until(
        "n" + node + " is taken out",
        BOUND,
        () -> {
          String answer = change("RAFT", "REMOVE", "" + node);
          return answer.equals("OK") || answer.endsWith("is no member");
        });
    rig.retire(node);
    crew.awaitAcknowledged(100);
  }

  /** What the leader answers, or whoever is asked about it. */
  private String change(String... command) {
    try (RawConnection connection = cluster.rig().connect(cluster.rig().awaitLeader())) {
      Reply reply = connection.call(command);
      String error = RawConnection.errorOf(reply);
      return error == null ? "OK" : error;
    } catch (IOException e) {
      return e.toString();
    }
  }

  private String explanation() {
    try (RawConnection connection = cluster.rig().connect(cluster.rig().awaitLeader())) {
      return text(connection.call("RAFT", "EXPLAIN"));
    } catch (IOException e) {
      return "";
    }
  }

  /** The numbers of those that vote, as the leader says. */
  private List<String> voters() {
    List<String> voters = new ArrayList<>();
    try (RawConnection connection = cluster.rig().connect(cluster.rig().awaitLeader())) {
      for (Reply member : ((Reply.Array) connection.call("RAFT", "MEMBERS")).elements()) {
        List<Reply> facts = ((Reply.Array) member).elements();
        if (text(facts.get(3)).equals("voter")) {
          voters.add(text(facts.get(1)));
        }
      }
    } catch (IOException e) {
      return List.of(); // It leads no more.
    }
    return voters;
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
