package heartwood.server.net;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
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
import java.util.function.Consumer;

/**
 * Raft's messages over TCP: two connections to each peer, so that votes and heartbeats never queue
 * behind entries. Confined to the raft loop.
 */
public final class NettyTransport implements Transport {
  private final Map<NodeId, PeerLink> entries = new HashMap<>();
  private final Map<NodeId, PeerLink> control = new HashMap<>();
  private final List<PeerLink> unflushed = new ArrayList<>();

  /**
   * @param onUnreachable called on the loop when messages to a peer may have been lost
   */
  NettyTransport(
      PeerNetwork network,
      EventLoop raftLoop,
      Configuration configuration,
      Consumer<NodeId> onUnreachable) {
    for (Member member : configuration.members()) {
      if (!member.id().equals(network.identity().nodeId())) {
        entries.put(
            member.id(),
            new PeerLink(network, raftLoop, member, PeerFrames.Purpose.ENTRIES) {
              @Override
              void onBroken() {
                onUnreachable.accept(member.id());
              }
            });
        control.put(
            member.id(),
            new PeerLink(network, raftLoop, member, PeerFrames.Purpose.CONTROL) {
              @Override
              void onBroken() {}
            });
      }
    }
  }

  void open() {
    entries.values().forEach(PeerLink::open);
    control.values().forEach(PeerLink::open);
  }

  void close() {
    entries.values().forEach(PeerLink::close);
    control.values().forEach(PeerLink::close);
  }

  /** Whether both connections to a peer stand. */
  boolean isConnected(NodeId peer) {
    PeerLink forEntries = entries.get(peer);
    PeerLink forControl = control.get(peer);
    return forEntries != null && forControl != null && forEntries.isReady() && forControl.isReady();
  }

  @Override
  public void send(NodeId to, Message message) {
    PeerLink link = (isControl(message) ? control : entries).get(to);
    if (link != null && link.send(message)) {
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
        || message instanceof RequestVoteReply
        || message instanceof TimeoutNow;
  }
}
