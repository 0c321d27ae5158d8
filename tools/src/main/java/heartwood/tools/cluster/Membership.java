package heartwood.tools.cluster;

import heartwood.resp.Reply;
import heartwood.tools.client.ClientOptions;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a local cluster's leader is asked about its members. Confined. */
final class Membership {
  private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(30);

  private final ClusterFiles files;
  private String lastError = "nobody leads";

  Membership(ClusterFiles files) {
    this.files = files;
  }

  void requireLeader() {
    if (ClusterStatus.of(files).leader() == null) {
      throw Failure.unhealthy("no leader: the members cannot be changed now.");
    }
  }

  /** What the last try came to. */
  String lastError() {
    return lastError;
  }

  /**
   * Asks whoever leads; false if it may be asked again. One that is refused for good was done by a
   * try that was cut off, if the node is what it should be: a leader refuses so only when nothing
   * is under way.
   *
   * @param isMember what the change makes of the node
   */
  boolean tries(int number, boolean isMember, String... command) {
    Reply reply = call(command);
    if (reply == null) {
      return false;
    }
    if (!(reply instanceof Reply.SimpleError error)) {
      return true;
    }
    lastError = error.message();
    boolean mayAskAgain =
        lastError.startsWith("TRYAGAIN")
            || lastError.startsWith("CLUSTERDOWN")
            || lastError.startsWith("UNCERTAIN");
    if (mayAskAgain) {
      return false;
    }
    String refusal = lastError;
    if (!(call("RAFT", "MEMBERS") instanceof Reply.Array members)) {
      return false;
    }
    boolean isThere = members.elements().stream().anyMatch(each -> is(each, "node", "n" + number));
    if (isThere != isMember) {
      throw Failure.failed(refusal);
    }
    return true;
  }

  /** Whether a node's vote counts. */
  boolean isVoter(int number) {
    if (!(call("RAFT", "MEMBERS") instanceof Reply.Array members)) {
      return false;
    }
    return members.elements().stream()
        .anyMatch(each -> is(each, "node", "n" + number) && is(each, "vote", "voter"));
  }

  private static boolean is(Reply member, String name, String value) {
    return member instanceof Reply.Array pairs
        && IntStream.range(0, pairs.elements().size() / 2)
            .anyMatch(
                i ->
                    text(pairs.elements().get(2 * i)).equals(name)
                        && text(pairs.elements().get(2 * i + 1)).equals(value));
  }

  private static String text(Reply reply) {
    return reply instanceof Reply.BulkString bulk ? bulk.value().utf8() : "";
  }

  private @Nullable Reply call(String... command) {
    MemberStatus leader = ClusterStatus.of(files).leader();
    if (leader == null) {
      lastError = "nobody leads";
      return null;
    }
    ClientOptions options =
        files.clients().get(0).at(leader.host(), leader.port()).withTimeout(CHANGE_TIMEOUT);
    try (RedisClient client = new RedisClient(options)) {
      return client.call(command);
    } catch (IOException e) {
      lastError = String.valueOf(e.getMessage());
      return null;
    }
  }
}
