package heartwood.tests.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of Redis' own, as users run it. Immutable. */
final class RedisTool {
  private static final int MAX_SECONDS = 90;

  private final String name;

  private final boolean isUnbuffered;

  private RedisTool(String name, boolean isUnbuffered) {
    this.name = name;
    this.isUnbuffered = isUnbuffered;
  }

  /** The same, made to print each line at once: else what it printed would be lost at its end. */
  RedisTool unbuffered() {
    require("stdbuf");
    return new RedisTool(name, true);
  }

  /** Skips the test that asks for it where it is not installed; on CI that is a failure. */
  static RedisTool require(String name) {
    boolean isInstalled =
        List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    if ("true".equals(System.getenv("CI"))) {
      assertThat(isInstalled).as(name + " is installed").isTrue();
    }
    assumeTrue(isInstalled, name + " is not installed");
    return new RedisTool(name, false);
  }

  /** Runs it to its end, which must be a success, and returns all that it printed. */
  String run(Object... arguments) {
    return runWithInput("", arguments);
  }

  String runWithInput(String input, Object... arguments) {
    Path in = write(input);
    try {
      return finish(start(in.toFile(), arguments), 0, arguments);
    } finally {
      in.toFile().delete();
    }
  }

  /** Runs it until it ends, however, but not for longer than this; returns what it printed. */
  String runFor(int millis, Object... arguments) {
    Path in = write("");
    try {
      return finish(start(in.toFile(), arguments), millis, arguments);
    } finally {
      in.toFile().delete();
    }
  }

  private Process start(File input, Object... arguments) {
    List<String> command = new ArrayList<>();
    if (isUnbuffered) {
      command.addAll(List.of("stdbuf", "-oL"));
    }
    command.add(name);
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path write(String input) {
    try {
      return Files.writeString(Files.createTempFile("heartwood", ".in"), input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String finish(Process process, int millis, Object... arguments) {
    String what = name + " " + List.of(arguments);
    Thread watch = new Thread(() -> endAfter(process, millis), "watch");
    watch.setDaemon(true);
    watch.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (millis == 0) {
        assertThat(code).as("exit code of " + what + "\n" + output).isZero();
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** A tool that hangs fails by its exit code. */
  private static void endAfter(Process process, int millis) {
    long bound = millis == 0 ? TimeUnit.SECONDS.toMillis(MAX_SECONDS) : millis;
    try {
      if (!process.waitFor(bound, TimeUnit.MILLISECONDS)) {
        process.destroy();
        if (!process.waitFor(2, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
