package heartwood.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
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

  public static Sockets ofThisMachine() {
    return Epoll.isAvailable()
        ? new Sockets(
            EpollIoHandler.newFactory(), EpollSocketChannel::new, EpollServerSocketChannel::new)
        : new Sockets(
            NioIoHandler.newFactory(), NioSocketChannel::new, NioServerSocketChannel::new);
  }

  public EventLoopGroup group(String name, int threadCount) {
    return new MultiThreadIoEventLoopGroup(
        threadCount, new DefaultThreadFactory(name, true), handlers);
  }
}
