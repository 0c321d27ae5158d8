package heartwood.tests.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that nobody listens on. Stateless.
 *
 * <p>They lie below the range from which the kernel takes the ports of outgoing connections: else,
 * while a node is down, somebody's connection might be given its port, even one that seeks the node
 * itself.
 */
final class FreePorts {
  private static final int FIRST = 12_000;
  private static final int LAST = 31_000;

  private FreePorts() {}

  static List<Integer> find(int count) {
    List<Integer> found = new ArrayList<>();
    int port = ThreadLocalRandom.current().nextInt(FIRST, LAST - 1000);
    while (found.size() < count) {
      if (port > LAST) {
        throw new IllegalStateException("no free ports below " + LAST);
      }
      if (isFree(port)) {
        found.add(port);
      }
      port++;
    }
    return found;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
