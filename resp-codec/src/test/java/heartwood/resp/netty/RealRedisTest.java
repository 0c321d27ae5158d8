package heartwood.resp.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import heartwood.resp.Bytes;
import heartwood.resp.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes to a real redis-server, where one is installed: its words are the oracle. */
class RealRedisTest {
  private static final int TIMEOUT_MILLIS = 10_000;

  @SuppressWarnings("unused") // by name
  static final List<String> WRONG = Corpus.WRONG;

  @SuppressWarnings("unused") // by name
  static final List<String> VALID = Corpus.VALID;

  private static @Nullable Process server;
  private static int port;

  @BeforeAll
  static void startServer(@TempDir Path directory) throws Exception {
    Optional<Path> binary = findOnPath("redis-server");
    assumeTrue(binary.isPresent(), "redis-server is not installed");
    port = freePort();
    Process process =
        new ProcessBuilder(
                binary.get().toString(),
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--enable-debug-command",
                "local",
                "--save",
                "")
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("log").toFile())
            .redirectErrorStream(true)
            .start();
    server = process;
    awaitServer(process);
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.destroy();
      server.waitFor();
    }
  }

  @ParameterizedTest
  @FieldSource("WRONG")
  void wrongBytesEndWithTheSameWords(String stream) throws IOException {
    List<Reply> replies = repliesUntilClosed(stream);

    assertThat(replies.get(replies.size() - 1))
        .isEqualTo(
            new Reply.SimpleError("ERR " + spaced(String.valueOf(Decoded.whole(stream).fault()))));
  }

  @ParameterizedTest
  @FieldSource("VALID")
  void eachRequestThatWeFindHasAnAnswer(String stream) throws IOException {
    List<Reply> replies = replies(stream + "ECHO end\r\n");

    Decoded decoded = Decoded.whole(stream);
    assertThat(replies).hasSize(decoded.requests().size() + 1);
    for (int i = 0; i < decoded.requests().size(); i++) {
      List<Bytes> request = decoded.requests().get(i);
      if (request.get(0).utf8().equals("ECHO")) {
        assertThat(replies.get(i)).isEqualTo(new Reply.BulkString(request.get(1)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*11\r\n", "*1\r\n$16385\r\n"})
  void wrongBytesBeforeAuthenticationEndWithTheSameWords(String stream) throws IOException {
    replies("CONFIG SET requirepass secret\r\n");
    try {
      RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, false);
      Decoded decoded = Decoded.inPieces(decoder, Decoded.latin1(stream));

      assertThat(repliesUntilClosed(stream))
          .containsExactly(new Reply.SimpleError("ERR " + decoded.fault()));
    } finally {
      replies("AUTH secret\r\nCONFIG SET requirepass \"\"\r\n");
    }
  }

  @Test
  void theReplyDecoderReadsAllTypesThatRedisKnows() throws IOException {
    List<String> types =
        List.of(
            "string",
            "integer",
            "double",
            "null",
            "array",
            "set",
            "map",
            "bignum",
            "true",
            "false",
            "verbatim",
            "attrib");
    StringBuilder stream = new StringBuilder("HELLO 3\r\n");
    types.forEach(type -> stream.append("DEBUG PROTOCOL ").append(type).append("\r\n"));

    List<Reply> replies = replies(stream.toString());

    assertThat(replies).hasSize(1 + types.size());
    assertThat(replies.get(0)).isInstanceOf(Reply.MapReply.class);
    assertThat(replies.get(3)).isEqualTo(new Reply.DoubleReply(3.141));
    assertThat(replies.get(4)).isEqualTo(Reply.Null.PLAIN);
    assertThat(replies.get(6)).isInstanceOf(Reply.SetReply.class);
    assertThat(replies.get(8)).isInstanceOf(Reply.BigNumber.class);
    assertThat(replies.get(9)).isEqualTo(new Reply.BooleanReply(true));
    assertThat(replies.get(11)).isInstanceOf(Reply.VerbatimString.class);
    assertThat(replies.get(12)).isInstanceOf(Reply.Attributed.class);
  }

  /** What Redis answers to the bytes and a QUIT, whose own answer is left out. */
  private static List<Reply> replies(String stream) throws IOException {
    List<Reply> replies = repliesUntilClosed(stream + "QUIT\r\n");
    assertThat(replies).endsWith(new Reply.SimpleString("OK"));
    return replies.subList(0, replies.size() - 1);
  }

  /** What Redis answers until it closes the connection. */
  private static List<Reply> repliesUntilClosed(String stream) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(Decoded.latin1(stream));
      ReplyDecoder decoder = new ReplyDecoder();
      ByteBuf cumulation = Unpooled.buffer();
      List<Reply> replies = new ArrayList<>();
      InputStream in = socket.getInputStream();
      while (cumulation.writeBytes(in, 4096) >= 0) {
        for (Reply reply = decoder.decode(cumulation);
            reply != null;
            reply = decoder.decode(cumulation)) {
          replies.add(reply);
        }
      }
      return replies;
    }
  }

  private static String spaced(String text) {
    return text.replace('\r', ' ').replace('\n', ' ');
  }

  private static Optional<Path> findOnPath(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitServer(Process process) throws Exception {
    long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        return;
      } catch (IOException notYet) {
        assertThat(process.isAlive()).isTrue();
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }
}
