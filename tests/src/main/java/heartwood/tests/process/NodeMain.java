package heartwood.tests.process;

import heartwood.server.ServerNode;
import heartwood.server.config.ConfigReader;
import java.io.IOException;
import java.util.List;

/**
 * A node as a process of a rig: its arguments are the server's flags. When whoever started it is
 * gone, however that came, its standard input ends, and the process with it.
 */
public final class NodeMain {
  private static final int ORPHANED = 99;
  private static final int FAILED = 1;

  private NodeMain() {}

  /** Runs until the node is closed by a signal or fails. */
  public static void main(String[] arguments) throws Exception {
    Thread watch = new Thread(NodeMain::endWithParent, "parent");
    watch.setDaemon(true);
    watch.start();
    ServerNode node = ServerNode.start(ConfigReader.read(List.of(arguments)), null);
    Runtime.getRuntime().addShutdownHook(new Thread(node::close, "close"));
    node.awaitEnd();
    if (node.hasFailed()) {
      Runtime.getRuntime().halt(FAILED);
    }
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever written to it.
      }
    } catch (IOException e) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(ORPHANED);
  }
}
