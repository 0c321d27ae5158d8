package heartwood.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The kind of sockets of this machine: epoll where there is one, else NIO. Immutable. */
public record Sockets(
    IoHandlerFactory handlers,
    ChannelFactory<? extends Channel> channels,
    ChannelFactory<? extends ServerChannel> serverChannels) {
  /** As Redis does: so many signs of life may stay out, a third of the time apart. */
  private static final int KEEPALIVE_PROBES = 3;

  /** Linux takes no more. */
  private static final int MAX_KEEPALIVE_SECONDS = 32_767;

  public static Sockets ofThisMachine() {
    return Epoll.isAvailable()
        ? new Sockets(
            EpollIoHandler.newFactory(), EpollSocketChannel::new, EpollServerSocketChannel::new)
        : new Sockets(
            NioIoHandler.newFactory(), NioSocketChannel::new, NioServerSocketChannel::new);
  }

  /** Asks for a sign of life on a connection after each so many seconds of silence; 0: never. */
  void keepAlive(Channel channel, int seconds) {
    channel.config().setOption(ChannelOption.SO_KEEPALIVE, seconds > 0);
    if (seconds > 0 && channel instanceof EpollSocketChannel) { // NIO leaves times to the system.
      int idleSeconds = Math.min(seconds, MAX_KEEPALIVE_SECONDS);
      channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, idleSeconds);
      channel
          .config()
          .setOption(EpollChannelOption.TCP_KEEPINTVL, Math.max(1, idleSeconds / KEEPALIVE_PROBES));
      channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
    }
  }

  /** Gives a connection up when what was sent has found no receiver for so long. */
  void giveUpAfter(Channel channel, int silenceMillis) {
    if (channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, silenceMillis);
    }
  }

  public EventLoopGroup group(String name, int threadCount) {
    return new MultiThreadIoEventLoopGroup(
        threadCount, new DefaultThreadFactory(name, true), handlers);
  }
}
