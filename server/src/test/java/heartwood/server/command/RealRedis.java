package heartwood.server.command;

import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The redis-server that is installed, on a socket of its own, to compare ourselves with. */
final class RealRedis implements Server {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Path dir;
  private final Process process;
  private final SocketChannel channel;
  private final StringBuilder received = new StringBuilder();

  private RealRedis(Path dir, Process process, SocketChannel channel) {
    this.dir = dir;
    this.process = process;
    this.channel = channel;
  }

  /** Starts it, or skips the test where it is not installed; where CI=true, that fails. */
  static RealRedis start(String... flags) {
    boolean isInstalled =
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(part -> Files.isExecutable(Path.of(part, "redis-server")));
    if (!isInstalled && "true".equals(System.getenv("CI"))) {
      fail("redis-server is not installed");
    }
    Assumptions.assumeTrue(isInstalled, "redis-server is not installed");
    try {
      return launch(flags);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RealRedis launch(String... flags) throws IOException {
    Path dir = Files.createTempDirectory("redis");
    Path socket = dir.resolve("s");
    List<String> command =
        Stream.concat(
                Stream.of("redis-server", "--port", "0", "--unixsocket", socket.toString()),
                Stream.concat(Stream.of("--save", "", "--dir", dir.toString()), Stream.of(flags)))
            .toList();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("log").toFile())
            .start();
    return new RealRedis(dir, process, connect(socket));
  }

  private static SocketChannel connect(Path socket) throws IOException {
    long deadline = System.nanoTime() + START_NANOS;
    while (true) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
      } catch (IOException e) {
        channel.close();
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public Object call(byte[]... command) {
    List<String> words = new ArrayList<>();
    for (byte[] argument : command) {
      words.add(new String(argument, StandardCharsets.ISO_8859_1));
    }
    return RespTree.parse(send(words.toArray(new String[0])));
  }

  /** The reply as it goes over the wire, one char per byte; so are the words. */
  String send(String... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    ByteBuffer bytes = ByteBuffer.wrap(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      return receive();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String receive() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    int length = -1;
    while (length < 0) {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new IOException("closed; so far: " + received);
      }
      buffer.flip();
      received.append(StandardCharsets.ISO_8859_1.decode(buffer));
      length = RespValue.completeLength(received.toString());
    }
    String reply = received.substring(0, length);
    received.delete(0, length);
    return reply;
  }

  @Override
  public void close() {
    try {
      channel.close();
      process.destroy();
      process.onExit().join();
      deleteFiles();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deleteFiles() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir);
  }
}
