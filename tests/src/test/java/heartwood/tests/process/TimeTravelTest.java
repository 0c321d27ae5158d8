package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reading the past from real processes, by every port of every node. */
class TimeTravelTest {
  private static final Duration BOUND = Duration.ofSeconds(20);

  private static ClusterRig rig;

  @BeforeAll
  static void start() {
    rig = ClusterRig.start(3);
  }

  @AfterAll
  static void stop() {
    if (rig != null) {
      rig.close();
    }
  }

  private static RawConnection connectLeader() throws IOException {
    return rig.connect(rig.awaitLeader());
  }

  private static String text(Reply reply) {
    return reply instanceof Reply.BulkString bulk ? bulk.value().utf8() : String.valueOf(reply);
  }

  private static long number(Reply reply, int element) {
    return ((Reply.IntegerReply) ((Reply.Array) reply).elements().get(element)).value();
  }

  /** Revision and time of the present, by the leader. */
  private static Reply now(RawConnection connection) throws IOException {
    return connection.call("AT", "now", "WITHREV");
  }

  @Test
  void everyPortOfEveryNodeTellsHowItWas() throws IOException {
    long revision;
    long millis;
    try (RawConnection leader = connectLeader()) {
      leader.call("SET", "travel", "old");
      Reply then = leader.call("AT", "-0s", "WITHREV", "GET", "travel");
      revision = number(then, 0);
      millis = number(then, 1);
      assertThat(text(((Reply.Array) then).elements().get(2))).isEqualTo("old");
      leader.call("SET", "travel", "new");
      long last = number(now(leader), 0);

      for (int node = 1; node <= rig.size(); node++) {
        for (RawConnection each : List.of(rig.connect(node), rig.connectProxy(node))) {
          try (each) {
            assertThat(text(each.call("AT", "@" + last, "GET", "travel"))).isEqualTo("new");
            assertThat(text(each.call("AT", "@" + revision, "GET", "travel"))).isEqualTo("old");
            assertThat(text(each.call("AT", "" + millis, "GET", "travel"))).isEqualTo("old");
            assertThat(text(each.call("AT", "now", "GET", "travel"))).isEqualTo("new");
            assertThat(text(each.call("AT", "-0s", "GET", "travel"))).isEqualTo("new");
            assertThat(each.call("AT", "-1h", "GET", "travel")).isEqualTo(Reply.Null.BULK);
          }
        }
      }
    }
  }

  @Test
  void aTimeAgoIsCountedByTheClock() throws IOException {
    try (RawConnection leader = connectLeader();
        RawConnection follower = rig.connect(rig.follower())) {
      leader.call("SET", "ago", "old");
      leader.call("SET", "ago", "new");
      for (RawConnection each : List.of(leader, follower)) {
        Await.until(
            "so long ago it was new already",
            BOUND,
            () -> {
              try {
                return text(each.call("AT", "-300ms", "GET", "ago")).equals("new");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
      }
    }
  }

  @Test
  void afterALeaderIsLostThePastIsToldByThoseWhoAreLeft() throws IOException {
    try (ClusterRig cluster = ClusterRig.start(3)) {
      int leader = cluster.awaitLeader();
      long revision;
      try (RawConnection connection = cluster.connect(leader)) {
        connection.call("SET", "k", "old");
        revision = number(now(connection), 0);
        connection.call("SET", "k", "new");
        connection.call("WAIT", "2", "10000");
      }
      int follower = cluster.follower();
      try (RawConnection frozen = cluster.connect(follower)) {
        frozen.call("CLIENT", "ASOF", "@" + revision);
        cluster.killAll(); // Of whom one comes back: there is no majority.
        cluster.restart(follower);
      }
      Await.until("it answers", BOUND, () -> !cluster.info(follower, "raft").isEmpty());
      try (RawConnection alone = cluster.connect(follower)) {
        assertThat(text(alone.call("AT", "@" + revision, "GET", "k"))).isEqualTo("old");
        assertThat(text(alone.call("GET", "k"))).doesNotContain("new");
      }
    }
  }

  @Test
  void aRevisionOfTheLeaderCanBeAskedOfAFollowerAtOnce() throws IOException {
    try (RawConnection leader = connectLeader();
        RawConnection follower = rig.connect(rig.follower())) {
      for (int i = 0; i < 200; i++) {
        leader.call("SET", "token", "" + i);
        long revision = number(now(leader), 0);

        assertThat(text(follower.call("AT", "@" + revision, "GET", "token"))).isEqualTo("" + i);
      }
    }
  }

  @Test
  void theFutureIsAwaitedForAMomentAndThenRefused() throws IOException {
    try (RawConnection leader = connectLeader()) {
      leader.call("SET", "k", "1");
      long revision = number(now(leader), 0);
      long soon = System.currentTimeMillis() + 300;

      assertThat(text(leader.call("AT", "" + soon, "GET", "k"))).isEqualTo("1");
      assertThat(RawConnection.errorOf(leader.call("AT", "@" + (revision + 1000), "GET", "k")))
          .startsWith("FUTURE @" + (revision + 1000) + " is not there yet: this node is at @");
      assertThat(RawConnection.errorOf(leader.call("AT", "" + (soon + 3_600_000), "GET", "k")))
          .startsWith("FUTURE ");
    }
  }

  @Test
  void aFrozenConnectionOfAFollowerStaysWhereItIs() throws IOException {
    try (RawConnection leader = connectLeader()) {
      leader.call("SET", "frozen", "old");
      for (RawConnection each :
          List.of(rig.connect(rig.follower()), rig.connectProxy(rig.follower()))) {
        try (each) {
          leader.call("SET", "frozen", "old");
          assertThat(each.call("CLIENT", "ASOF", "now")).isEqualTo(new Reply.SimpleString("OK"));
          long revision = number(each.call("CLIENT", "ASOF"), 0);
          leader.call("SET", "frozen", "new");

          assertThat(text(each.call("GET", "frozen"))).isEqualTo("old");
          assertThat(RawConnection.errorOf(each.call("SET", "frozen", "no")))
              .startsWith("ASOF connection is frozen at @" + revision + " (2");
          each.call("CLIENT", "ASOF", "OFF");
          assertThat(text(each.call("AT", "now", "GET", "frozen"))).isEqualTo("new");
        }
      }
    }
  }

  @Test
  void pipelinedReadsOfThePastKeepTheirPlaces() throws IOException {
    for (RawConnection each : List.of(connectLeader(), rig.connectProxy(rig.follower()))) {
      try (each) {
        each.call("SET", "place", "0");
        long revision = number(now(each), 0);
        for (int i = 1; i <= 50; i++) {
          each.send("INCR", "place");
          each.send("AT", "@" + revision, "GET", "place");
          each.send("AT", "now", "GET", "place");
          each.send("AT", "-0s", "GET", "place");
        }
        each.flush();
        for (int i = 1; i <= 50; i++) {
          assertThat(each.receive()).isEqualTo(new Reply.IntegerReply(i));
          assertThat(text(each.receive())).isEqualTo("0");
          assertThat(text(each.receive())).isEqualTo("" + i);
          assertThat(text(each.receive())).isEqualTo("" + i);
        }
      }
    }
  }
}
