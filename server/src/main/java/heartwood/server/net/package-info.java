/**
 * Sockets: clients, peers, and the links over which one node's clients reach another.
 *
 * <pre>
 *   redirect port ─┐                    ┌── entries, acknowledgements, snapshots
 *   proxy port ────┴► ClientServer      │   votes, heartbeats (a connection of their own)
 *                      ClientHandler    │   forwarded commands and their replies
 *   peer port ───────► PeerServer ◄─────┴── PeerLink, Forwarder.Link of the other nodes
 * </pre>
 *
 * <p>The only Netty in the server. A peer connection carries one direction of messages: who has
 * something to say connects. Begin with {@link heartwood.server.net.ClientHandler} or {@link
 * heartwood.server.net.PeerLink}.
 */
@NullMarked
package heartwood.server.net;

import org.jspecify.annotations.NullMarked;
