package heartwood.tests.process;

import heartwood.server.config.MemberAddress;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One node of a rig, running or not; its directory outlives its processes. Confined. */
final class NodeProcess {
  private static final int END_SECONDS = 20;

  /** The launcher knows what a node needs; a node of a test lives for seconds. */
  private static final String JVM_FLAGS =
      System.getProperty(
          "heartwood.node.flags",
          "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
              + " --add-opens java.base/java.nio=ALL-UNNAMED"
              + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED");

  private final MemberAddress address;
  private final Path logFile;
  private final List<String> command;
  private @Nullable Process process;
  private boolean isPaused;

  NodeProcess(MemberAddress address, Path logFile, List<String> flags) {
    this.address = address;
    this.logFile = logFile;
    this.command = command(flags);
  }

  private static List<String> command(List<String> flags) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(JVM_FLAGS.trim().split("\\s+")));
    words.add("-cp");
    words.add(System.getProperty("java.class.path"));
    words.add(NodeMain.class.getName());
    words.addAll(flags);
    return words;
  }

  MemberAddress address() {
    return address;
  }

  void start() {
    File log = logFile.toFile();
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log))
              .start();
      isPaused = false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As kill -9 does; returns when it is gone. */
  void kill() {
    Process victim = process;
    if (victim != null) {
      victim.destroyForcibly();
      awaitEnd(victim);
      process = null;
    }
  }

  /** Asks it to stop, as an operator does; returns when it is gone. */
  void terminate() {
    Process leaving = process;
    if (leaving != null) {
      signal("-TERM"); // Process.destroy() would close its standard input too, and orphan it.
      awaitEnd(leaving);
      process = null;
    }
  }

  private static void awaitEnd(Process ending) {
    try {
      if (!ending.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        ending.destroyForcibly().waitFor();
        throw new AssertionError("process " + ending.pid() + " did not end when it was asked to");
      }
    } catch (InterruptedException e) {
      ending.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }

  void pause() {
    signal("-STOP");
    isPaused = true;
  }

  void resume() {
    signal("-CONT");
    isPaused = false;
  }

  private void signal(String signal) {
    Process target = process;
    if (target == null) {
      throw new IllegalStateException("node " + address.id() + " does not run");
    }
    try {
      int code = new ProcessBuilder("kill", signal, "" + target.pid()).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill " + signal + " " + target.pid() + ": " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it was started, and neither ended nor paused by the rig. */
  boolean shouldAnswer() {
    return process != null && !isPaused;
  }

  /** Its exit code if it ended though nobody ended it, else null. */
  @Nullable Integer unexpectedExit() {
    Process present = process;
    return present == null || present.isAlive() ? null : present.exitValue();
  }

  /** What it has written to its log. */
  String log() {
    try {
      return Files.exists(logFile) ? Files.readString(logFile) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
