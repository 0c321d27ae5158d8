package heartwood.server.command;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real redis-server in a process of its own on a free port of the loopback. */
final class RedisServer implements Server {
  private static final Path BINARY =
      Path.of(System.getProperty("redis.server", "/usr/bin/redis-server"));

  private final Process process;
  private final Socket socket;
  private final InputStream in;

  static boolean isPresent() {
    return Files.isExecutable(BINARY);
  }

  /** Whether a missing binary is a failure rather than a reason to skip. */
  static boolean isRequired() {
    return "true".equals(System.getenv("CI"));
  }

  RedisServer() {
    try {
      int port = freePort();
      process =
          new ProcessBuilder(
                  BINARY.toString(),
                  "--port",
                  Integer.toString(port),
                  "--bind",
                  "127.0.0.1",
                  "--save",
                  "",
                  "--appendonly",
                  "no")
              .directory(Files.createTempDirectory("redis").toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      socket = connect(port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private Socket connect(int port) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        return new Socket(InetAddress.getLoopbackAddress(), port);
      } catch (IOException e) {
        if (System.nanoTime() > deadline || !process.isAlive()) {
          process.destroyForcibly();
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public Object call(byte[]... command) {
    try {
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.writeBytes(ascii("*" + command.length + "\r\n"));
      for (byte[] argument : command) {
        request.writeBytes(ascii("$" + argument.length + "\r\n"));
        request.writeBytes(argument);
        request.writeBytes(ascii("\r\n"));
      }
      socket.getOutputStream().write(request.toByteArray());
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Object read() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+', ':' -> rest;
      case '-' -> line;
      case '$' -> readBulk(Integer.parseInt(rest));
      case '*' -> readArray(Integer.parseInt(rest));
      default -> throw new AssertionError("not RESP2: " + line);
    };
  }

  private String readBulk(int length) throws IOException {
    if (length < 0) {
      return "nil";
    }
    byte[] bytes = in.readNBytes(length);
    in.skipNBytes(2);
    return TreeSink.quoted(bytes);
  }

  private Object readArray(int count) throws IOException {
    if (count < 0) {
      return "nil";
    }
    List<Object> array = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      array.add(read());
    }
    return array;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next != '\r') {
      if (next < 0) {
        throw new IOException("redis-server closed the connection");
      }
      line.append((char) next);
      next = in.read();
    }
    in.skipNBytes(1);
    return line.toString();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
