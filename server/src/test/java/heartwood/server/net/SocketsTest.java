package heartwood.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketsTest {
  private final Sockets sockets = Sockets.ofThisMachine();
  private final EventLoopGroup loops = sockets.group("sockets-test", 1);
  private final Channel channel = sockets.channels().newChannel();

  SocketsTest() {
    loops.register(channel).syncUninterruptibly();
  }

  @AfterEach
  void close() {
    channel.close().syncUninterruptibly();
    loops.shutdownGracefully();
  }

  @Test
  void signsOfLifeAreAskedForUnlessTheTimeIsZero() {
    ChannelConfig config = channel.config();

    sockets.keepAlive(channel, 30);
    assertThat(config.getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
    if (Epoll.isAvailable()) {
      assertThat(config.getOption(EpollChannelOption.TCP_KEEPIDLE)).isEqualTo(30);
      assertThat(config.getOption(EpollChannelOption.TCP_KEEPINTVL)).isEqualTo(10);
      assertThat(config.getOption(EpollChannelOption.TCP_KEEPCNT)).isEqualTo(3);
    }

    sockets.keepAlive(channel, Integer.MAX_VALUE); // More than Linux takes.
    assertThat(config.getOption(ChannelOption.SO_KEEPALIVE)).isTrue();

    sockets.keepAlive(channel, 0);
    assertThat(config.getOption(ChannelOption.SO_KEEPALIVE)).isFalse();
  }

  @Test
  void aSilentPeerIsGivenUpAfterThreeElectionTimeoutsButNotWithinASecond() {
    assertThat(PeerNetwork.silenceMillis(500)).isEqualTo(1500);
    assertThat(PeerNetwork.silenceMillis(50)).isEqualTo(1000);
    assumeTrue(Epoll.isAvailable(), "this system has no epoll");

    NodeIdentity identity = new NodeIdentity(1, new NodeId(1), 1);
    new PeerNetwork(
            identity,
            new Member(identity.nodeId(), "127.0.0.1", 0, 0, 0, 0),
            new MemoryLog(identity),
            sockets,
            1500)
        .watch(channel);

    assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
    assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE)).isEqualTo(1);
    assertThat(channel.config().getOption(EpollChannelOption.TCP_USER_TIMEOUT)).isEqualTo(1500);
  }
}
