package heartwood.raft.node;

import heartwood.raft.core.MessageRules;
import heartwood.raft.core.RaftCore;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes over what no peer that is in order can have said ({@link MessageRules}), and tells of it
 * now and then: who says one such thing may say a thousand in a second. Confined to the raft loop.
 */
final class RefusedMessages {
  private static final Logger logger = LoggerFactory.getLogger(RefusedMessages.class);

  /** Between two lines of the log. */
  private static final int QUIET_TICKS = 1000;

  /** Of a message that may hold thousands of entries. */
  private static final int MAX_TEXT_LENGTH = 300;

  private final RaftCore core;
  private int ticksSinceTold = QUIET_TICKS;
  private long count;
  private long toldCount;

  RefusedMessages(RaftCore core) {
    this.core = core;
  }

  void tick() {
    ticksSinceTold = Math.min(QUIET_TICKS, ticksSinceTold + 1);
  }

  /** Whether a message is to be passed over. */
  boolean refuses(NodeId from, Message message) {
    String why = MessageRules.objection(core, from, message);
    if (why == null) {
      return false;
    }
    count++;
    if (ticksSinceTold >= QUIET_TICKS) {
      ticksSinceTold = 0;
      logger.warn(
          "passes over what {} cannot have meant, {}: {}; {} more since the last such line",
          from,
          why,
          textOf(message),
          count - toldCount - 1);
      toldCount = count;
    }
    return true;
  }

  private static String textOf(Message message) {
    String text = message.toString();
    return text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
  }

  /** How many were passed over since the start. */
  long count() {
    return count;
  }
}
