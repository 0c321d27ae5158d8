package heartwood.tools.cluster;

import heartwood.server.config.MemberAddress;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Whether ports are free: better told before anything is started. Stateless. */
final class FreePorts {
  private FreePorts() {}

  /**
   * Fails if a port of the member is taken.
   *
   * @param advice what could be done about it
   */
  static void require(MemberAddress member, String advice) {
    for (int port : new int[] {member.redirectPort(), member.proxyPort(), member.peerPort()}) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName(member.host()), port));
      } catch (IOException e) {
        throw Failure.failed("port " + port + ", for node " + member.id() + ", is in use" + advice);
      }
    }
  }
}
