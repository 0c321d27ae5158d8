package heartwood.server.net;

import heartwood.raft.message.Frame;
import heartwood.raft.message.MalformedException;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.MessageCodec;
import heartwood.raft.message.NodeId;
import heartwood.server.command.CommandTable;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts peers: checks who they are, then takes their messages and their clients' commands.
 * Confined to the raft loop, on which all of its connections live.
 */
final class PeerServer {
  private static final Logger logger = LoggerFactory.getLogger(PeerServer.class);

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(16 << 20, 32 << 20);

  private final PeerNetwork network;
  private final EventLoop loop;
  private final LoopContext context;
  private final CommandTable table;
  private final Predicate<NodeId> isMember;
  private final Consumer<Member> onMet;
  private final BiConsumer<NodeId, Message> onMessage;
  private final Set<String> refusals = new TreeSet<>();

  /**
   * The newest connection of each peer's streams, by the order in which they were accepted: a peer
   * has given an older one up before it makes another, and what that still holds must not be read.
   */
  private final Map<String, Long> newestEpoch = new HashMap<>();

  private long lastEpoch;
  private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  /**
   * @param isMember whether a node's clients may be served here
   * @param onMet is told who has connected to speak Raft
   */
  PeerServer(
      PeerNetwork network,
      EventLoop loop,
      LoopContext context,
      CommandTable table,
      Predicate<NodeId> isMember,
      Consumer<Member> onMet,
      BiConsumer<NodeId, Message> onMessage) {
    this.network = network;
    this.loop = loop;
    this.context = context;
    this.table = table;
    this.isMember = isMember;
    this.onMet = onMet;
    this.onMessage = onMessage;
  }

  /** Binds and returns the listening channel, or throws what the socket throws. */
  Channel listen(String host, int port) throws InterruptedException {
    return new ServerBootstrap()
        .group(loop)
        .channelFactory(network.sockets().serverChannels())
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel accepted) {
                network.watch(accepted);
                accepted.pipeline().addLast(new Handler());
              }
            })
        .bind(host, port)
        .sync()
        .channel();
  }

  /**
   * Closes every connection, and those that come yet. A loop that ends does not close what it was
   * just given, and a peer would go on writing to nobody. Any thread.
   */
  void close() {
    accepted.close().syncUninterruptibly();
  }

  private final class Handler extends PeerFrameDecoder {
    private PeerFrames.@Nullable Hello hello;
    private @Nullable ForwardServer forwards;
    private long epoch;

    Handler() {
      super(network.identity().clusterId());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      accepted.add(ctx.channel());
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, Frame frame) {
      PeerFrames.Hello known = hello;
      if (known == null) {
        onHello(ctx, frame);
        return;
      }
      if (!frame.from().equals(known.from())) {
        throw new MalformedException(
            "frame from " + frame.from() + " on a link of " + known.from());
      }
      if (newestEpoch.getOrDefault(key(known), 0L) != epoch) {
        ctx.close(); // A newer connection took over: what is left here was given up by its sender.
        return;
      }
      ForwardServer forwarding = forwards;
      if (frame.kind() == PeerFrames.MESSAGE && forwarding == null) {
        onMessage.accept(frame.from(), MessageCodec.decode(frame.body()));
      } else if (frame.kind() == PeerFrames.FORWARD && forwarding != null) {
        forwarding.onCommands(frame.body());
      } else {
        throw new MalformedException("unexpected frame of kind " + frame.kind());
      }
    }

    private void onHello(ChannelHandlerContext ctx, Frame frame) {
      if (frame.kind() != PeerFrames.HELLO) {
        throw new MalformedException("frame of kind " + frame.kind() + " before hello");
      }
      PeerFrames.Hello said = PeerFrames.readHello(frame);
      String refusal = refusal(said);
      if (refusal != null) {
        if (refusals.add(refusal)) {
          logger.warn("refused {}: {}", ctx.channel().remoteAddress(), refusal);
        }
        ctx.writeAndFlush(PeerFrames.refused(ctx.alloc(), network.identity(), refusal))
            .addListener(ChannelFutureListener.CLOSE);
        return;
      }
      hello = said;
      epoch = ++lastEpoch;
      newestEpoch.put(key(said), epoch);
      if (said.purpose() == PeerFrames.Purpose.FORWARD) {
        forwards = new ForwardServer(network, ctx.channel(), context, table);
      } else {
        onMet.accept(said.sender());
      }
      ctx.writeAndFlush(PeerFrames.welcome(ctx.alloc(), network.identity()));
    }

    private @Nullable String refusal(PeerFrames.Hello said) {
      if (said.to() != network.identity().nodeId().number()) {
        return "this is " + network.identity().nodeId() + ", not n" + said.to();
      }
      // Raft itself is spoken with anybody of this cluster: who leads may be news to this node.
      boolean isForward = said.purpose() == PeerFrames.Purpose.FORWARD;
      if (isForward && !isMember.test(said.from())) {
        return said.from() + " is not a member of this cluster";
      }
      if (!network.bindings().bindPeer(said.from(), said.incarnation())) {
        return said.from()
            + " is not the one that was met before: its data directory was lost or replaced";
      }
      return null;
    }

    private String key(PeerFrames.Hello said) {
      return said.from() + " " + said.purpose() + " " + said.stream();
    }
  }
}
