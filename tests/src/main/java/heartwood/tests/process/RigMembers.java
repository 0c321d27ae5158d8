package heartwood.tests.process;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Takes nodes of a rig in and out, as an operator does. Steered by one thread. */
public final class RigMembers {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final ClusterRig rig;

  public RigMembers(ClusterRig rig) {
    this.rig = rig;
  }

  /** Has a node that was started to join taken in; returns when it votes. */
  public void join(int node) {
    Await.until(
        () -> "n" + node + " is taken in\n" + rig.describe(),
        BOUND,
        () -> {
          String answer = change("RAFT", "ADD", rig.address(node).toString());
          return answer.equals("OK") || answer.endsWith("is a member already");
        });
    Await.until(
        () -> "n" + node + " votes\n" + rig.describe(), BOUND, () -> voters().contains("n" + node));
  }

  /** Takes a member out and stops it. */
  public void leave(int node) {
    Await.until(
        () -> "n" + node + " is taken out\n" + rig.describe(),
        BOUND,
        () -> {
          String answer = change("RAFT", "REMOVE", "" + node);
          return answer.equals("OK") || answer.endsWith("is no member");
        });
    rig.retire(node);
  }

  /** What the leader answers to a change: OK, or an error. */
  public String change(String... command) {
    try (RawConnection connection = rig.connect(rig.awaitLeader())) {
      Reply reply = connection.call(command);
      String error = RawConnection.errorOf(reply);
      return error == null ? "OK" : error;
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Those that vote, as the leader says; none when it leads no more. */
  public List<String> voters() {
    List<String> voters = new ArrayList<>();
    try (RawConnection connection = rig.connect(rig.awaitLeader())) {
      if (connection.call("RAFT", "MEMBERS") instanceof Reply.Array members) {
        for (Reply member : members.elements()) {
          List<Reply> facts = ((Reply.Array) member).elements();
          if (text(facts.get(3)).equals("voter")) {
            voters.add(text(facts.get(1)));
          }
        }
      }
    } catch (IOException e) {
      return List.of();
    }
    return voters;
  }

  private static String text(Reply reply) {
    return ((Reply.BulkString) reply).value().utf8();
  }
}
