package heartwood.tools.cluster;

import java.nio.file.Path;

/** The directory of one node of a local cluster. Immutable. */
public record NodeFiles(int number, Path directory) {

  public Path config() {
    return directory.resolve("node.conf");
  }

  Path pid() {
    return directory.resolve("node.pid");
  }

  Path log() {
    return directory.resolve("node.log");
  }

  Path data() {
    return directory.resolve("data");
  }
}
