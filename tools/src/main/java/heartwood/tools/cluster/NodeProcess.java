package heartwood.tools.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.tools.console.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A node of a local cluster as a process of this machine. Its command line begins with the
 * directory that it serves; a number in a file is trusted only if the process with that number says
 * the same, so a stranger who was given the number since is never signalled. Confined.
 */
final class NodeProcess {
  private static final String MAIN_CLASS = "heartwood.tools.Main";

  /** The JVM's flags for nodes, which the launcher knows. */
  private static final String FLAGS =
      System.getProperty(
          "heartwood.node.flags",
          "--add-opens java.base/java.nio=ALL-UNNAMED"
              + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED");

  /** Gives the process a session of its own: Ctrl-C in the terminal is not meant for it. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private static final List<String> NO_COMMAND_LINE = List.of("");
  private static final int COMMAND_LINE_LOOKS = 100;
  private static final long LOOK_NANOS = 2_000_000;

  private NodeProcess() {}

  /** The node's process, if it runs. */
  static Optional<ProcessHandle> of(NodeFiles node) {
    try {
      long pid = Long.parseLong(Files.readString(node.pid()).trim());
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(process -> isOurs(process, node));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** For a moment, while it becomes what it was started to be, a process has no command line. */
  private static boolean isOurs(ProcessHandle process, NodeFiles node) {
    List<String> commandLine = commandLine(process);
    for (int i = 0; commandLine.equals(NO_COMMAND_LINE) && i < COMMAND_LINE_LOOKS; i++) {
      LockSupport.parkNanos(LOOK_NANOS);
      commandLine = commandLine(process);
    }
    return commandLine.contains(mark(node));
  }

  /** The process handle cuts long command lines off, and classpaths are long. */
  private static List<String> commandLine(ProcessHandle process) {
    Path file = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
    try {
      if (Files.exists(file)) {
        return List.of(new String(Files.readAllBytes(file), UTF_8).split("\0"));
      }
    } catch (IOException e) {
      return List.of(); // It has just ended.
    }
    return List.of(process.info().arguments().orElse(new String[0]));
  }

  private static String mark(NodeFiles node) {
    return "-Dheartwood.node=" + node.directory();
  }

  /** Starts the process; returns at once. */
  static ProcessHandle start(NodeFiles node, boolean isBootstrap) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString());
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(mark(node));
    command.addAll(List.of(FLAGS.trim().split("\\s+")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
    command.addAll(List.of("server", node.config().toString()));
    if (isBootstrap) {
      command.addAll(List.of("--cluster-bootstrap", "yes"));
    }
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(node.directory().toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(node.log().toFile()))
              .start();
      Files.writeString(node.pid(), process.pid() + "\n");
      return process.toHandle();
    } catch (IOException e) {
      throw Failure.failed("node " + node.number() + " cannot be started: " + e.getMessage());
    }
  }

  /** Sends a signal that Java has no method for. */
  static void signal(ProcessHandle process, String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
      if (kill.waitFor() != 0 && process.isAlive()) {
        throw Failure.failed("kill -" + name + " " + process.pid() + " failed");
      }
    } catch (IOException e) {
      throw Failure.failed("kill -" + name + " " + process.pid() + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed("interrupted");
    }
  }

  /** The last lines that the node has said. */
  static String lastWords(NodeFiles node, int lineCount) {
    try {
      List<String> lines = Files.readAllLines(node.log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - lineCount), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
