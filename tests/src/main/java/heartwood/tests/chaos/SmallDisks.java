package heartwood.tests.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A small file system in memory under each node's data, so that one can be filled up and nothing
 * else is. Needs the right to mount. Steered by one thread.
 */
final class SmallDisks implements AutoCloseable {
  private static final String SIZE = "1g";
  private static final String BALLAST = "ballast";
  private static final int MOUNT_SECONDS = 10;

  private final List<Path> mounted = new ArrayList<>();
  private final Thread atExit = new Thread(this::unmountAll, "small-disks");

  SmallDisks() {
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Mounts a small disk.
   *
   * @throws IOException with the reason why this machine does not allow it
   */
  void mount(Path directory) throws IOException {
    Files.createDirectories(directory);
    run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "heartwood-chaos", directory.toString());
    mounted.add(directory);
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
    try {
      if (!process.waitFor(MOUNT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Leaves no byte free. */
  void fill(Path directory) {
    byte[] block = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(directory.resolve(BALLAST))) {
      for (int length = block.length; length > 0; length /= 2) {
        writeUntilFull(out, block, length);
      }
    } catch (IOException e) {
      return; // Full, which is what was wanted: even the close may say so.
    }
  }

  private static void writeUntilFull(OutputStream out, byte[] block, int length) {
    try {
      while (true) {
        out.write(block, 0, length);
      }
    } catch (IOException e) {
      return; // No room for a block of this length.
    }
  }

  void free(Path directory) {
    try {
      Files.deleteIfExists(directory.resolve(BALLAST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized void unmountAll() {
    for (Path directory : mounted) {
      try {
        run("umount", "-l", directory.toString());
      } catch (IOException e) {
        System.err.println("heartwood: " + e.getMessage());
      }
    }
    mounted.clear();
  }

  @Override
  public void close() {
    unmountAll();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook has nothing left to do.
    }
  }
}
