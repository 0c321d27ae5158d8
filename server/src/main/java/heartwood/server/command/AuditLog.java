package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line in the log of the node that ran it for each command that rewrites what others rely on: the
 * past (PURGE, REWIND, settings, pins), whole databases, who takes part in consensus. Stateless.
 */
final class AuditLog {
  private static final Logger logger = LoggerFactory.getLogger("heartwood.audit");

  private AuditLog() {}

  /**
   * @param error the code word of the error that it answered; null if none, or not yet known
   */
  static void ran(CommandSpec command, Arguments args, Caller caller, @Nullable String error) {
    if (!command.isAudited() || !logger.isInfoEnabled()) {
      return;
    }
    List<byte[]> shortened = SlowLog.shortened(command, args);
    String line = shortened.stream().map(AuditLog::printable).collect(Collectors.joining(" "));
    logger.info(
        "{} from {} {}{}",
        line,
        caller.address(),
        caller.name(),
        error == null ? "" : ": " + error);
  }

  /** Of bytes from a client nothing may end a line or move a cursor. */
  private static String printable(byte[] argument) {
    String text = new String(argument, StandardCharsets.UTF_8);
    StringBuilder shown = new StringBuilder();
    text.chars().forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
    return shown.toString();
  }
}
