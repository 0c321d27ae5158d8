package heartwood.server;

import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Whether the ports are free, asked before anything is written. Stateless. */
final class PortCheck {
  private PortCheck() {}

  static void requireFree(ServerConfig config) {
    for (String host : config.get(Directives.BIND)) {
      requireFree("port", host, config.get(Directives.PORT));
      requireFree("proxy-port", host, config.get(Directives.PROXY_PORT));
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
