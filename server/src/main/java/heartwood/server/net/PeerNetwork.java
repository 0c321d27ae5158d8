package heartwood.server.net;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.PeerBindings;
import heartwood.raft.message.Member;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * What all peer connections of a node share. Thread-safe.
 *
 * @param self where this node listens, as it tells those whom it greets
 * @param silenceMillis after which a connection that takes nothing is given up
 */
record PeerNetwork(
    NodeIdentity identity, Member self, PeerBindings bindings, Sockets sockets, int silenceMillis) {
  private static final int SILENT_ELECTION_TIMEOUTS = 3;
  private static final int MIN_SILENCE_MILLIS = 1000;

  /** By then the others have elected somebody else, or mean to. */
  static int silenceMillis(int electionTimeoutMillis) {
    return Math.max(MIN_SILENCE_MILLIS, SILENT_ELECTION_TIMEOUTS * electionTimeoutMillis);
  }

  /**
   * Lets TCP notice a peer that has gone without a word, on either side of a connection: else what
   * is written to it waits for some fifteen minutes, and who only reads waits for ever.
   */
  void watch(Channel connection) {
    sockets.keepAlive(connection, (int) TimeUnit.MILLISECONDS.toSeconds(silenceMillis));
    sockets.giveUpAfter(connection, silenceMillis);
  }
}
