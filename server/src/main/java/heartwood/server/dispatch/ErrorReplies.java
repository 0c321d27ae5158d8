package heartwood.server.dispatch;

import heartwood.raft.message.Member;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Moment;
import heartwood.server.command.Timeline;

/** What a client is told when its command did not go its way; the first word is the contract. */
public final class ErrorReplies {
  static final String NO_LEADER = "CLUSTERDOWN No leader elected yet, the command was not executed";
  public static final String NOT_EXECUTED =
      "CLUSTERDOWN The leader changed, the command was not executed";
  static final String TOO_STALE =
      "MASTERDOWN Link with MASTER is down and what this node has may be older than"
          + " read-staleness-max";
  public static final String UNCERTAIN =
      "UNCERTAIN The leader was lost before it could tell: the write may or may not take effect";
  static final String UNCERTAIN_CHANGE =
      "UNCERTAIN The leader was lost before it could tell: see RAFT MEMBERS for what came of it";
  static final String UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
  static final String NO_MASTER_ANY_MORE =
      "UNBLOCKED force unblock from blocking operation, instance state changed (master ->"
          + " replica?)";
  static final String NO_AUTH = "NOAUTH Authentication required.";
  static final String CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";
  static final String INTERNAL = "ERR internal error";
  static final String TOO_LARGE = "ERR the command is too large for the memory of this node";

  static final String OVERLOADED =
      "OOM command not allowed when the commands that wait take an eighth of this node's memory";

  private ErrorReplies() {}

  static String frozen(Moment at, CommandSpec spec) {
    String where =
        at instanceof Moment.Resolved resolved
            ? "@" + resolved.revision() + " (" + Timeline.iso(resolved.millis()) + ")"
            : "a time that slides along";
    String wish =
        switch (spec.kind()) {
          case WRITE -> "write";
          case MEMBERSHIP -> "change the members";
          default -> "wait";
        };
    return "ASOF connection is frozen at " + where + "; CLIENT ASOF OFF to " + wish;
  }

  static String future(long revision, long reached) {
    return "FUTURE @" + revision + " is not there yet: this node is at @" + reached;
  }

  static String futureTime(long millis, long clockMillis) {
    return "FUTURE "
        + Timeline.iso(millis)
        + " is not there yet: it is "
        + Timeline.iso(clockMillis);
  }

  static String moved(int slot, Member leader) {
    return "MOVED " + slot + " " + leader.host() + ":" + leader.redirectPort();
  }
}
