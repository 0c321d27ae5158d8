package heartwood.tools.client;

import heartwood.resp.ProtocolException;
import heartwood.resp.Reply;
import heartwood.resp.netty.ReplyDecoder;
import heartwood.resp.netty.RequestEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;

/** A blocking connection to a server: requests go out, replies come back. Confined. */
public final class RespConnection implements AutoCloseable {
  private static final int READ_BYTES = 16 * 1024;
  private static final int STALE_CHECK_MILLIS = 1;

  private final Socket socket;
  private final int readTimeoutMillis;
  private final ReplyDecoder decoder = new ReplyDecoder();

  /** What has arrived and belongs to no reply yet; on the heap, so that nobody must release it. */
  private final ByteBuf arrived = Unpooled.buffer();

  private RespConnection(Socket socket, int readTimeoutMillis) {
    this.socket = socket;
    this.readTimeoutMillis = readTimeoutMillis;
  }

  /**
   * Connects.
   *
   * @param readTimeout how long a reply may take; zero: for ever
   */
  public static RespConnection open(
      String host, int port, Duration connectTimeout, Duration readTimeout) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), (int) connectTimeout.toMillis());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) readTimeout.toMillis());
      return new RespConnection(socket, (int) readTimeout.toMillis());
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends one request. */
  public void send(List<byte[]> words) throws IOException {
    ByteBuf request = Unpooled.buffer();
    RequestEncoder.encode(request, words);
    socket.getOutputStream().write(request.array(), request.arrayOffset(), request.readableBytes());
  }

  /** Waits for the next reply, or push. */
  public Reply read() throws IOException {
    try {
      while (true) {
        Reply reply = decoder.decode(arrived);
        if (reply != null) {
          return reply;
        }
        receive();
      }
    } catch (ProtocolException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Whether the other side has closed, as far as can be known without asking it. */
  public boolean isStale() {
    try {
      socket.setSoTimeout(STALE_CHECK_MILLIS);
      receive();
      return false;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    } finally {
      restoreTimeout();
    }
  }

  private void restoreTimeout() {
    try {
      socket.setSoTimeout(readTimeoutMillis);
    } catch (IOException e) {
      close(); // A socket that cannot be asked is of no use.
    }
  }

  private void receive() throws IOException {
    arrived.discardReadBytes();
    if (arrived.writeBytes(socket.getInputStream(), READ_BYTES) < 0) {
      throw new EOFException("Server closed the connection");
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
      return;
    }
  }
}
