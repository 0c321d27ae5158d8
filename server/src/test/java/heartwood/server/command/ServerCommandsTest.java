package heartwood.server.command;

import static heartwood.server.command.ConnectionCommandsTest.lines;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.command.NodeStatistics.CommandStatistics;
import heartwood.server.command.NodeStatistics.DatabaseStatistics;
import heartwood.server.config.ConfigException;
import heartwood.server.config.Directives;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServerCommandsTest {
  private final FakeNode node = new FakeNode();
  private final FakeConnection client = node.connect(Personality.REDIRECT);
  private final FakeConnection proxy = node.connect(Personality.PROXY);

  ServerCommandsTest() throws ConfigException {}

  @Test
  void timeIsTheNodesClock() {
    assertThat(node.send(client, "TIME")).isEqualTo(lines("*2 $10 1700000000 $6 123000"));
  }

  @Test
  void lastSaveIsTheLastCheckpoint() {
    assertThat(node.send(client, "LASTSAVE")).isEqualTo(":1699999997\r\n");
  }

  @Test
  void roleOfALeaderListsItsFollowers() {
    assertThat(node.send(client, "ROLE"))
        .isEqualTo(
            lines(
                "*3 $6 master :99 *2 *3 $9 127.0.0.2 $4 7002 $2 98 *3 $9 127.0.0.3 $4 7003 $2 97"));
  }

  @Test
  void roleOfAFollowerNamesItsLeaderButAProxyIsAMaster() {
    node.topology = FakeNode.topology(FakeNode.FIRST, FakeNode.THIRD);

    assertThat(node.send(client, "ROLE"))
        .isEqualTo(lines("*5 $5 slave $9 127.0.0.3 :7003 $9 connected :99"));
    assertThat(node.send(proxy, "ROLE")).isEqualTo(lines("*3 $6 master :99 *0"));
  }

  @Test
  void roleWithoutALeaderIsNotConnected() {
    node.topology = new Topology(FakeNode.FIRST, FakeNode.THIRD, false, 7, node.topology.members());

    assertThat(node.send(client, "ROLE")).contains(lines("$7 connect"));
  }

  @Test
  void waitTellsHowManyNodesHoldWhatWasWritten() {
    assertThat(node.send(client, "WAIT 1 100")).isEqualTo(":2\r\n");
    assertThat(node.send(client, "WAITAOF 1 1 100")).isEqualTo("*2\r\n:1\r\n:2\r\n");
  }

  @Test
  void waitAofRefusesWhatCannotBeWaitedFor() {
    assertThat(node.send(client, "WAITAOF 2 1 100"))
        .isEqualTo("-ERR value is out of range, value must between 0 and 1\r\n");
    assertThat(node.send(client, "WAITAOF 1 -1 100"))
        .isEqualTo("-ERR value is out of range, must be positive\r\n");
    assertThat(node.send(client, "WAITAOF 1 1 -1")).isEqualTo("-ERR timeout is negative\r\n");
  }

  @Test
  void infoHasTheDefaultSectionsEachEndedByAnEmptyLine() {
    String info = node.send(client, "INFO");

    assertThat(info.lines().filter(line -> line.startsWith("# ")))
        .containsExactly(
            "# Server",
            "# Clients",
            "# Memory",
            "# Persistence",
            "# Stats",
            "# Replication",
            "# CPU",
            "# Modules",
            "# Errorstats",
            "# Cluster",
            "# Raft",
            "# History",
            "# Keyspace");
    assertThat(info).contains("\r\n\r\n# Clients\r\n").doesNotContain("\r\n\r\n\r\n");
    assertThat(info.replace("\r\n", "")).doesNotContain("\n");
    assertThat(node.send(client, "INFO default")).isEqualTo(info);
    assertThat(node.send(client, "INFO all"))
        .contains("# Commandstats\r\n")
        .contains("# Latencystats\r\n")
        .isEqualTo(node.send(client, "INFO EVERYTHING"));
  }

  @Test
  void infoTakesSeveralSectionsAndLeavesOutUnknownOnes() {
    assertThat(node.send(client, "INFO nope Cluster CPU"))
        .contains("\r\n# CPU\r\nused_cpu_sys:0.250000\r\nused_cpu_user:1.500000\r\n")
        .endsWith("\r\n\r\n# Cluster\r\ncluster_enabled:1\r\n\r\n");
    assertThat(node.send(proxy, "INFO cluster")).contains("cluster_enabled:0");
  }

  @Test
  void infoOfALeaderListsItsFollowers() {
    assertThat(node.send(client, "INFO replication"))
        .contains("role:master\r\nconnected_slaves:2\r\n")
        .contains("slave0:ip=127.0.0.2,port=7002,state=online,offset=98,lag=1\r\n")
        .contains("slave1:ip=127.0.0.3,port=7003,state=online,offset=97,lag=2\r\n")
        .contains("master_replid:" + FakeNode.SHARD + "\r\n")
        .contains("master_repl_offset:99\r\n");
    assertThat(node.send(proxy, "INFO replication"))
        .contains("slave0:ip=127.0.0.2,port=7102,state=online,offset=98,lag=1\r\n");
  }

  @Test
  void infoOfAFollowerNamesItsLeader() {
    node.topology = FakeNode.topology(FakeNode.SECOND, FakeNode.FIRST);

    assertThat(node.send(client, "INFO replication"))
        .contains("role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:7001\r\n")
        .contains("master_link_status:up\r\nmaster_last_io_seconds_ago:0\r\n")
        .contains("connected_slaves:0\r\n");
    assertThat(node.send(proxy, "INFO replication")).contains("role:master\r\nconnected_slaves:0");
  }

  @Test
  void infoTellsOfServerStatisticsAndConsensus() {
    node.databases.add(new DatabaseStatistics(0, 12, 3, 4500));
    node.databases.add(new DatabaseStatistics(1, 0, 0, 0));

    assertThat(node.send(client, "INFO server"))
        .contains("redis_version:7.4.0\r\nheartwood_version:0.1.0\r\n")
        .contains("redis_mode:cluster\r\n")
        .contains("tcp_port:7001\r\n")
        .contains("uptime_in_seconds:90000\r\nuptime_in_days:1\r\n");
    assertThat(node.send(proxy, "INFO server"))
        .contains("redis_mode:standalone\r\n")
        .contains("tcp_port:7101\r\n");
    assertThat(node.send(client, "INFO memory"))
        .contains("used_memory:3145728\r\nused_memory_human:3.00M\r\n")
        .contains("used_memory_peak_perc:75.00%\r\n")
        .contains("maxmemory_policy:noeviction\r\n")
        .contains("mem_fragmentation_ratio:2.00\r\n");
    assertThat(node.send(client, "INFO stats"))
        .contains("total_commands_processed:1234\r\n")
        .contains("instantaneous_output_kbps:2.25\r\n")
        .contains("total_error_replies:4\r\n");
    assertThat(node.send(client, "INFO raft"))
        .contains("raft_role:leader\r\nraft_term:7\r\nraft_leader_id:" + FakeNode.FIRST)
        .contains("raft_commit_index:110\r\nraft_applied_index:109\r\n")
        .contains("raft_member1:id=" + FakeNode.SECOND + ",host=127.0.0.2,port=7002,role=follower");
    assertThat(node.send(client, "INFO history"))
        .contains("history_revision:321\r\nhistory_horizon_revision:12\r\n");
    assertThat(node.send(client, "INFO keyspace"))
        .isEqualTo("$48\r\n# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=4500\r\n\r\n");
    assertThat(node.send(client, "INFO errorstats")).contains("errorstat_ERR:count=4\r\n");
    assertThat(node.send(client, "INFO persistence"))
        .contains("loading:0\r\n")
        .contains("rdb_last_save_time:1699999997\r\nrdb_last_bgsave_status:ok\r\n");
    assertThat(node.send(client, "INFO clients")).contains("connected_clients:2\r\n");
  }

  @Test
  void commandsAreCountedAndTimed() {
    node.commandStatistics.add(
        new CommandStatistics(
            "config|get",
            4,
            22,
            1,
            2,
            new double[] {3, 8, 9.5},
            new TreeMap<>(Map.of(4L, 3L, 16L, 4L))));
    node.commandStatistics.add(
        new CommandStatistics("get", 0, 0, 1, 0, new double[] {0, 0, 0}, Map.of()));

    assertThat(node.send(client, "INFO commandstats"))
        .contains(
            "cmdstat_config|get:calls=4,usec=22,usec_per_call=5.50,rejected_calls=1,failed_calls=2")
        .contains("cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0");
    assertThat(node.send(client, "INFO latencystats"))
        .contains("latency_percentiles_usec_config|get:p50=3.000,p99=8.000,p99.9=9.500\r\n")
        .doesNotContain("usec_get");
    assertThat(node.send(client, "LATENCY HISTOGRAM config nope"))
        .isEqualTo(lines("*2 $10 config|get *4 $5 calls :4 $14 histogram_usec *4 :4 :3 :16 :4"));
    node.send(client, "CONFIG RESETSTAT");
    assertThat(node.resets).isEqualTo(1);
  }

  @Test
  void slowCommandsAreListedShortenedAndWithoutPasswords() {
    node.send(client, "CONFIG SET slowlog-max-len 3 slowlog-log-slower-than 20000");
    ran(20_000, "set", "set", "k", "v");
    ran(30_000, "set", "set", "k", "x".repeat(200));
    ran(19_999, "set", "set", "k", "fast enough");
    ran(40_000, "hello", "hello", "3", "auth", "u", "p");
    ran(50_000, "config|set", "config", "set", "requirepass", "p");

    assertThat(node.send(client, "SLOWLOG LEN")).isEqualTo(":3\r\n");
    assertThat(node.send(client, "SLOWLOG GET 2"))
        .isEqualTo(
            lines(
                "*2 *6 :3 :1700000000 :50000 *4 $6 config $3 set $11 requirepass $10 (redacted)"
                    + " $15 127.0.0.1:50001 $0 "
                    + " *6 :2 :1700000000 :40000 *5 $5 hello $1 3 $4 auth $10 (redacted) $10 (redacted)"
                    + " $15 127.0.0.1:50001 $0 "));
    assertThat(node.send(client, "SLOWLOG GET"))
        .contains("$147\r\n" + "x".repeat(128) + "... (72 more bytes)\r\n");
  }

  private void ran(long micros, String command, String... words) {
    node.slowLog.ran(
        spec(command), Arguments.of(words), client, TimeUnit.MICROSECONDS.toNanos(micros));
  }

  @Test
  void configSetTellsTheNode() throws Exception {
    assertThat(node.send(client, "CONFIG SET timeout 30 maxclients 5")).isEqualTo("+OK\r\n");

    assertThat(node.config.current().text(Directives.TIMEOUT)).isEqualTo("30");
    assertThat(node.send(client, "CONFIG GET time* maxclients"))
        .isEqualTo(lines("*4 $7 timeout $2 30 $10 maxclients $1 5"));
    assertThat(node.send(client, "CONFIG SET port 1"))
        .isEqualTo(
            "-ERR CONFIG SET failed (possibly related to argument 'port')"
                + " - can't set immutable config\r\n");
  }

  @Test
  void whatAllNodesShareIsSetThroughTheLogAndShownHere() throws Exception {
    CommandSpec called =
        node.table.lookup(Arguments.of("config", "Set", "History-Retention", "1h"));

    assertThat(called).isSameAs(spec("timeline|set"));
    assertThat(node.send(client, "CONFIG GET history-*"))
        .isEqualTo(
            lines(
                "*8 $17 history-retention $3 24h $17 history-max-bytes $11 10737418240"
                    + " $28 history-max-versions-per-key $1 0 $23 history-exclude-pattern $0 "));
    assertThat(node.send(client, "CONFIG SET timeout 30 history-retention 1h"))
        .isEqualTo(
            "-ERR CONFIG SET failed (possibly related to argument 'history-retention')"
                + " - all nodes share it: set it by itself\r\n");
  }

  private CommandSpec spec(String name) {
    return requireNonNull(node.table.named(name));
  }
}
