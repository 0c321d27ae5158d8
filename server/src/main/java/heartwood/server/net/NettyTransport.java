package heartwood.server.net;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import heartwood.raft.message.Message.RequestVote;
import heartwood.raft.message.Message.RequestVoteReply;
import heartwood.raft.message.Message.TimeoutNow;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.Transport;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Raft's messages over TCP: two connections to each peer, so that votes and heartbeats never queue
 * behind entries. Confined to the raft loop.
 *
 * <p>Peers are the members of the configuration, and whoever of the same cluster has connected: a
 * node whose log is behind must be able to answer a leader that it has never heard of. A peer that
 * is no member is let go some time after it was one, or was heard of last.
 *
 * <p>A member that listens elsewhere, as it says itself or as the configuration has it, is tried
 * there too: the former links stay until the new ones are welcomed, since what tells of them may be
 * a mistake, or may have to reach it by the old way.
 */
public final class NettyTransport implements Transport {
  private static final int RETIRE_SECONDS = 15;

  private final PeerNetwork network;
  private final EventLoop raftLoop;
  private final Consumer<NodeId> onUnreachable;
  private final Map<NodeId, Peer> peers = new HashMap<>();
  private final List<PeerLink> unflushed = new ArrayList<>();
  private Configuration configuration = Configuration.NONE;
  private boolean isOpen;

  private static final class Peer {
    final Member member;
    final PeerLink entries;
    final PeerLink control;
    long heardNanos = System.nanoTime();

    /** It is no member, and is let go when nothing is heard of it. */
    boolean isRetiring;

    /** Where it listened before, until it is found. */
    @Nullable Peer former;

    Peer(Member member, PeerLink entries, PeerLink control) {
      this.member = member;
      this.entries = entries;
      this.control = control;
    }

    void open() {
      entries.open();
      control.open();
    }

    boolean isReady() {
      return entries.isReady() && control.isReady();
    }

    void close() {
      entries.close();
      control.close();
      if (former != null) {
        former.close();
      }
    }
  }

  /**
   * @param onUnreachable called on the loop when messages to a peer may have been lost
   */
  NettyTransport(PeerNetwork network, EventLoop raftLoop, Consumer<NodeId> onUnreachable) {
    this.network = network;
    this.raftLoop = raftLoop;
    this.onUnreachable = onUnreachable;
  }

  /** These are the members from now on. */
  void follow(Configuration now) {
    for (Member former : configuration.members()) {
      Peer peer = peers.get(former.id());
      if (peer != null && !now.isMember(former.id())) {
        retireLater(peer); // There may be something to tell it yet: that it is one no more.
      }
    }
    configuration = now;
    now.members().forEach(this::connect);
  }

  /** Somebody of the cluster has connected. */
  void met(Member sender) {
    if (sender.peerPort() == 0) {
      return;
    }
    Peer known = peers.get(sender.id());
    boolean isMember = configuration.isMember(sender.id());
    if (!isMember || (known != null && !known.isReady())) {
      connect(sender);
    }
    Peer peer = peers.get(sender.id());
    if (!isMember && peer != null) {
      retireLater(peer);
    }
  }

  /** A message came from a peer. */
  void heard(NodeId from) {
    Peer peer = peers.get(from);
    if (peer != null && peer.isRetiring) {
      peer.heardNanos = System.nanoTime();
    }
  }

  private void connect(Member member) {
    Peer known = peers.get(member.id());
    if (member.id().equals(network.identity().nodeId())
        || (known != null && known.member.equals(member))) {
      return;
    }
    Peer peer =
        new Peer(
            member,
            link(member, PeerFrames.Purpose.ENTRIES),
            link(member, PeerFrames.Purpose.CONTROL));
    if (known != null) {
      leaveBehind(known, peer);
    }
    peers.put(member.id(), peer);
    if (isOpen) {
      peer.open();
    }
  }

  /** Of two ways to a peer the one that has been found is the former, if one has. */
  private static void leaveBehind(Peer known, Peer peer) {
    Peer older = known.former;
    known.former = null;
    boolean isOlderBetter = older != null && older.isReady() && !known.isReady();
    peer.former = isOlderBetter ? older : known;
    Peer useless = isOlderBetter ? known : older;
    if (useless != null) {
      useless.close();
    }
  }

  private PeerLink link(Member member, PeerFrames.Purpose purpose) {
    return new PeerLink(network, raftLoop, member, purpose) {
      @Override
      void onReady() {
        Peer peer = peers.get(member.id());
        if (peer != null && peer.isReady() && peer.former != null) {
          peer.former.close();
          peer.former = null;
        }
      }

      @Override
      void onBroken() {
        if (purpose == PeerFrames.Purpose.ENTRIES) {
          onUnreachable.accept(member.id());
        }
      }
    };
  }

  private void retireLater(Peer peer) {
    peer.heardNanos = System.nanoTime();
    if (!peer.isRetiring) {
      peer.isRetiring = true;
      raftLoop.schedule(() -> maybeRetire(peer), RETIRE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void maybeRetire(Peer peer) {
    if (configuration.isMember(peer.member.id())) {
      peer.isRetiring = false;
      return;
    }
    long silentNanos = System.nanoTime() - peer.heardNanos;
    long leftNanos = TimeUnit.SECONDS.toNanos(RETIRE_SECONDS) - silentNanos;
    if (leftNanos > 0) {
      raftLoop.schedule(() -> maybeRetire(peer), leftNanos, TimeUnit.NANOSECONDS);
    } else {
      peer.close();
      peers.remove(peer.member.id(), peer);
    }
  }

  void open() {
    isOpen = true;
    peers.values().forEach(Peer::open);
  }

  void close() {
    isOpen = false;
    peers.values().forEach(Peer::close);
  }

  /** Whether both connections to a peer stand. */
  boolean isConnected(NodeId node) {
    Peer peer = peers.get(node);
    return peer != null && (peer.isReady() || (peer.former != null && peer.former.isReady()));
  }

  @Override
  public void send(NodeId to, Message message) {
    Peer peer = peers.get(to);
    if (peer == null) {
      return;
    }
    Peer way = peer.former != null && !peer.isReady() ? peer.former : peer;
    PeerLink link = isControl(message) ? way.control : way.entries;
    if (link.send(message)) {
      if (!unflushed.contains(link)) {
        unflushed.add(link);
      }
    }
  }

  @Override
  public void flush() {
    for (int i = 0; i < unflushed.size(); i++) {
      unflushed.get(i).flush();
    }
    unflushed.clear();
  }

  private static boolean isControl(Message message) {
    return message instanceof Heartbeat
        || message instanceof HeartbeatReply
        || message instanceof RequestVote
        || message instanceof ReadIndexRequest
        || message instanceof ReadIndexReply
        || message instanceof RequestVoteReply
        || message instanceof TimeoutNow;
  }
}
