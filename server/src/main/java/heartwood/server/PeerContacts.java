package heartwood.server;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Whether this node is connected to its peers, and when it last heard from them. Written on the
 * raft loop, read by any thread.
 */
final class PeerContacts {
  private final Map<NodeId, Contact> contacts = new ConcurrentHashMap<>();
  private final NodeId self;

  /** A peer; what was never heard from was heard from when this node started. */
  private static final class Contact {
    volatile boolean isConnected;
    volatile boolean wasHeard;
    volatile long heardNanos = System.nanoTime();
  }

  PeerContacts(NodeId self, Configuration configuration) {
    this.self = self;
    follow(configuration);
  }

  /** These are the members from now on. */
  void follow(Configuration configuration) {
    for (Member member : configuration.members()) {
      if (!member.id().equals(self)) {
        contacts.computeIfAbsent(member.id(), added -> new Contact());
      }
    }
  }

  /** A message came from a peer. */
  void heard(NodeId from) {
    Contact contact = contacts.get(from);
    if (contact != null) {
      contact.heardNanos = System.nanoTime();
      contact.wasHeard = true;
    }
  }

  /** To be called now and then. */
  void look(Predicate<NodeId> isConnected) {
    contacts.forEach((peer, contact) -> contact.isConnected = isConnected.test(peer));
  }

  /** True for this node itself, too. */
  boolean isConnected(NodeId member) {
    Contact contact = contacts.get(member);
    return contact == null || contact.isConnected;
  }

  boolean wasHeard(NodeId member) {
    Contact contact = contacts.get(member);
    return contact != null && contact.wasHeard;
  }

  /** How long nothing was heard from a member; 0 for this node itself. */
  long silentNanos(NodeId member) {
    Contact contact = contacts.get(member);
    return contact == null ? 0 : System.nanoTime() - contact.heardNanos;
  }
}
