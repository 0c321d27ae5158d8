package heartwood.server.command;

import static heartwood.server.command.ConnectionCommandsTest.lines;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.command.ClusterMember.Health;
import heartwood.server.config.ConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterCommandsTest {
  private static final String ID1 = FakeNode.FIRST;
  private static final String ID2 = FakeNode.SECOND;
  private static final String ID3 = FakeNode.THIRD;

  private final FakeNode node = new FakeNode();
  private final FakeConnection client = node.connect(Personality.REDIRECT);

  ClusterCommandsTest() throws ConfigException {}

  @Test
  void slotsNamesTheLeaderFirst() {
    node.topology = FakeNode.topology(ID1, ID2);

    String expected =
        "*1 *5 :0 :16383"
            + (" *4 $9 127.0.0.2 :7002 $40 " + ID2 + " MAP")
            + (" *4 $9 127.0.0.1 :7001 $40 " + ID1 + " MAP")
            + (" *4 $9 127.0.0.3 :7003 $40 " + ID3 + " MAP");
    assertThat(node.send(client, "CLUSTER SLOTS")).isEqualTo(lines(expected.replace("MAP", "*0")));
    node.send(client, "HELLO 3");
    assertThat(node.send(client, "CLUSTER SLOTS")).isEqualTo(lines(expected.replace("MAP", "%0")));
  }

  @Test
  void slotsLeavesOutDeadFollowersAndTellsHostNames() {
    node.topology = with(Health.FAILED, "db2");

    assertThat(node.send(client, "CLUSTER SLOTS"))
        .isEqualTo(
            lines("*1 *3 :0 :16383 *4 $9 127.0.0.1 :7001 $40 " + ID1 + " *2 $8 hostname $3 db1"));
  }

  @Test
  void shardsHasAllMembersWhetherTheyLiveOrNot() {
    node.topology = with(Health.FAILED, "");
    node.send(client, "HELLO 3");

    assertThat(node.send(client, "CLUSTER SHARDS"))
        .isEqualTo(
            lines(
                "*1 %2 $5 slots *2 :0 :16383 $5 nodes *2"
                    + (" %7 $2 id $40 " + ID1 + " $4 port :7001 $2 ip $9 127.0.0.1")
                    + " $8 endpoint $9 127.0.0.1 $4 role $6 master"
                    + " $18 replication-offset :99 $6 health $6 online"
                    + (" %7 $2 id $40 " + ID2 + " $4 port :7002 $2 ip $9 127.0.0.2")
                    + " $8 endpoint $9 127.0.0.2 $4 role $7 replica"
                    + " $18 replication-offset :98 $6 health $4 fail"));
  }

  @Test
  void nodesEndsEachLineWithALineFeed() {
    assertThat(payload(node.send(client, "CLUSTER NODES")))
        .isEqualTo(
            (ID1 + " 127.0.0.1:7001@7201 myself,master - 0 1700000000123 7 connected 0-16383\n")
                + (ID2 + " 127.0.0.2:7002@7202 slave " + ID1)
                + " 0 1700000000123 7 connected\n"
                + (ID3 + " 127.0.0.3:7003@7203 slave " + ID1)
                + " 0 1700000000123 7 connected\n");
  }

  @Test
  void nodesTellsOfFailures() {
    node.topology = with(Health.SUSPECT, "db");
    assertThat(node.send(client, "CLUSTER NODES"))
        .contains("127.0.0.2:7002@7202,db2 slave,fail? ")
        .contains(" connected\n");

    node.topology = with(Health.FAILED, "");
    assertThat(node.send(client, "CLUSTER NODES"))
        .contains("127.0.0.2:7002@7202 slave,fail ")
        .contains(" disconnected\n");
  }

  @Test
  void replicasAreTheLeadersOnly() {
    assertThat(node.send(client, "CLUSTER REPLICAS " + ID1))
        .startsWith("*2\r\n")
        .contains(ID2 + " 127.0.0.2:7002@7202 slave " + ID1)
        .doesNotContain("\n\r\n");
    assertThat(node.send(client, "CLUSTER SLAVES " + ID2))
        .isEqualTo("-ERR The specified node is not a master\r\n");
    assertThat(node.send(client, "CLUSTER REPLICAS x")).isEqualTo("-ERR Unknown node x\r\n");
  }

  @Test
  void infoFailsOnlyWhenRequestsDo() {
    assertThat(payload(node.send(client, "CLUSTER INFO")))
        .endsWith("\r\n")
        .hasLineCount(12)
        .startsWith("cluster_state:ok\r\ncluster_slots_assigned:16384\r\n")
        .contains("cluster_known_nodes:3\r\ncluster_size:1\r\n")
        .contains("cluster_current_epoch:7\r\ncluster_my_epoch:7\r\n");

    node.topology = new Topology(ID1, ID1, false, 7, node.topology.members());
    assertThat(node.send(client, "CLUSTER INFO")).contains("cluster_state:fail\r\n");
    assertThat(node.send(client, "CLUSTER SLOTS")).startsWith(lines("*1 *5 :0 :16383"));
  }

  @Test
  void beforeThereIsALeaderTheSlotsHaveAnOwnerToo() {
    node.topology = new Topology(ID3, null, false, 0, node.topology.members());

    assertThat(node.send(client, "CLUSTER SLOTS"))
        .startsWith(lines("*1 *5 :0 :16383 *4 $9 127.0.0.3"));
  }

  @Test
  void idsAndSlotsAreTold() {
    assertThat(node.send(client, "CLUSTER MYID")).isEqualTo(lines("$40 " + ID1));
    assertThat(node.send(client, "CLUSTER MYSHARDID")).isEqualTo(lines("$40 " + FakeNode.SHARD));
    assertThat(node.send(client, "CLUSTER KEYSLOT foo")).isEqualTo(":12182\r\n");
    assertThat(node.send(client, "CLUSTER KEYSLOT {foo}bar")).isEqualTo(":12182\r\n");
    assertThat(node.send(client, "CLUSTER COUNT-FAILURE-REPORTS " + ID2)).isEqualTo(":0\r\n");
    assertThat(node.send(client, "CLUSTER LINKS")).isEqualTo("*0\r\n");
  }

  @Test
  void membershipIsNotChangedThisWay() {
    for (String line :
        List.of("MEET h 1", "FORGET x", "ADDSLOTS 1", "SETSLOT 1 STABLE", "RESET", "FAILOVER")) {
      assertThat(node.send(client, "CLUSTER " + line))
          .startsWith("-ERR CLUSTER " + line.split(" ", -1)[0] + " is refused")
          .contains("managed by Raft");
    }
  }

  @Test
  void readonlyIsAPropertyOfTheConnection() {
    assertThat(node.send(client, "READONLY")).isEqualTo("+OK\r\n");
    assertThat(client.state().isReadonly()).isTrue();
    assertThat(node.send(client, "READWRITE")).isEqualTo("+OK\r\n");
    assertThat(client.state().isReadonly()).isFalse();
    assertThat(node.send(client, "ASKING")).isEqualTo("+OK\r\n");
  }

  @Test
  void aProxyKnowsNoCluster() {
    FakeConnection proxy = node.connect(Personality.PROXY);
    for (String line : List.of("CLUSTER SLOTS", "CLUSTER HELP", "READONLY", "ASKING")) {
      assertThat(node.send(proxy, line))
          .isEqualTo("-ERR This instance has cluster support disabled\r\n");
    }
  }

  /** This node and a follower in some health, with host names if a stem is given. */
  private static Topology with(Health health, String stem) {
    return new Topology(
        ID1,
        ID1,
        true,
        7,
        List.of(member(1, ID1, Health.ONLINE, stem), member(2, ID2, health, stem)));
  }

  private static ClusterMember member(int number, String id, Health health, String stem) {
    String name = stem.isEmpty() ? "" : "db" + number;
    ClusterMember like = FakeNode.member(number, id);
    return new ClusterMember(
        id,
        number,
        like.vote(),
        like.host(),
        name,
        7000 + number,
        0,
        7200 + number,
        health,
        health != Health.FAILED,
        100 - number,
        0,
        0,
        0);
  }

  private static String payload(String bulk) {
    int begin = bulk.indexOf("\r\n") + 2;
    return bulk.substring(begin, bulk.length() - 2);
  }
}
