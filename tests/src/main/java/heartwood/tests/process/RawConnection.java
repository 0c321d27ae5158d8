package heartwood.tests.process;

import heartwood.resp.Reply;
import heartwood.resp.netty.ReplyDecoder;
import heartwood.resp.netty.RequestEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A RESP connection without a client library's opinions: it neither retries nor follows, and shows
 * every reply. One thread sends, the same or one other receives.
 */
public final class RawConnection implements AutoCloseable {
  private static final int READ_BYTES = 64 * 1024;

  private final Socket socket;
  private final ByteBuf unsent = Unpooled.buffer(1024);
  private final ByteBuf received = Unpooled.buffer(1024);
  private final ReplyDecoder decoder = new ReplyDecoder();
  private final byte[] chunk = new byte[READ_BYTES];

  private RawConnection(Socket socket) {
    this.socket = socket;
  }

  /**
   * Connects to a port of this machine.
   *
   * @param timeout for connecting, and for every reply
   */
  public static RawConnection open(int port, Duration timeout) throws IOException {
    Socket socket = new Socket();
    try {
      int millis = Math.toIntExact(timeout.toMillis());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
      return new RawConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends one command and waits for its reply. */
  public Reply call(String... words) throws IOException {
    send(words);
    flush();
    return receive();
  }

  /** Adds a command to what the next {@link #flush} sends. */
  public void send(String... words) {
    RequestEncoder.encode(unsent, words);
  }

  public void flush() throws IOException {
    unsent.readBytes(socket.getOutputStream(), unsent.readableBytes());
    unsent.clear();
  }

  /** The next reply; an {@link IOException} when none comes any more. */
  public Reply receive() throws IOException {
    while (true) {
      Reply reply = decoder.decode(received);
      if (reply != null) {
        return reply;
      }
      received.discardReadBytes();
      int count = socket.getInputStream().read(chunk);
      if (count < 0) {
        throw new EOFException("closed by the server");
      }
      received.writeBytes(chunk, 0, count);
    }
  }

  /** The message of an error reply, or null. */
  public static @Nullable String errorOf(Reply reply) {
    return reply instanceof Reply.SimpleError error ? error.message() : null;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
