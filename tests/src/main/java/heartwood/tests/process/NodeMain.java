package heartwood.tests.process;

import heartwood.tools.Main;
import java.io.IOException;
import java.util.stream.Stream;

/**
 * A node as a process of a rig: {@code heartwood server} with these flags. When whoever started it
 * is gone, however that came, its standard input ends, and the process with it.
 */
public final class NodeMain {
  private static final int ORPHANED = 99;

  private NodeMain() {}

  /** Runs until the node is closed by a signal or fails. */
  public static void main(String[] flags) {
    Thread watch = new Thread(NodeMain::endWithParent, "parent");
    watch.setDaemon(true);
    watch.start();
    Main.main(Stream.concat(Stream.of("server"), Stream.of(flags)).toArray(String[]::new));
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
