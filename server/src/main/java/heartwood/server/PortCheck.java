package heartwood.server;

import heartwood.server.config.Directives;
import heartwood.server.config.MemberAddress;
import heartwood.server.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Whether the ports are free, asked before anything is written. Stateless. */
final class PortCheck {
  private PortCheck() {}

  static void requireFree(ServerConfig config) {
    for (String address : config.get(Directives.BIND)) {
      if (!address.startsWith("-")) { // A leading minus: the address may be missing.
        requireFree("port", address, config.get(Directives.PORT));
        requireFree("proxy-port", address, config.get(Directives.PROXY_PORT));
      }
    }
    int given = config.get(Directives.CLUSTER_PORT);
    for (MemberAddress member : config.get(Directives.CLUSTER_MEMBERS)) {
      if (member.id() == config.get(Directives.NODE_ID)) {
        requireFree(
            given == 0 ? "cluster-members: peer port" : "cluster-port",
            member.host(),
            given == 0 ? member.peerPort() : given);
      }
    }
  }

  static void requireFree(String directive, String host, int port) {
    if (port == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw new StartException(
          directive + " " + port + " on " + host + " cannot be bound: " + e.getMessage(), e);
    }
  }
}
