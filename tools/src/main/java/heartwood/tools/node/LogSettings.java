package heartwood.tools.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/**
 * What is logged, and where; {@code logback.xml} holds what nobody can change: the form of a line.
 * Stateless.
 */
final class LogSettings {
  private LogSettings() {}

  /** As the directives loglevel and logfile say. */
  static void apply(ServerConfig config) {
    String file = config.get(Directives.LOGFILE);
    if (!file.isEmpty()) {
      toFile(Path.of(file));
    }
    applyLevel(config);
  }

  /** As the directive loglevel says; all nodes of this process share one level. */
  static void applyLevel(ServerConfig config) {
    root().setLevel(level(config.get(Directives.LOGLEVEL)));
  }

  /** Redis has a level between ours: what it calls verbose is INFO here, a line per event. */
  static Level level(String word) {
    return switch (word) {
      case "debug" -> Level.DEBUG;
      case "warning" -> Level.WARN;
      case "nothing" -> Level.OFF;
      default -> Level.INFO;
    };
  }

  /** To the end of a file instead of standard output. */
  static void toFile(Path file) {
    LoggerContext context = root().getLoggerContext();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(context.getProperty("line"));
    encoder.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(context);
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    appender.start();
    root().detachAndStopAllAppenders();
    root().addAppender(appender);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
