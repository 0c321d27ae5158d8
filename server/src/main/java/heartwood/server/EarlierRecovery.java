package heartwood.server;

import java.io.UncheckedIOException;
import java.util.List;

/** A recovery that was cut short when its log was written, and is to be finished. Confined. */
final class EarlierRecovery implements Recovery {
  private final RecoveryFiles files;
  private final RecoveryMark mark;

  EarlierRecovery(RecoveryFiles files, RecoveryMark mark) {
    this.files = files;
    this.mark = mark;
  }

  @Override
  public String begunAs() {
    return mark.clusterName();
  }

  @Override
  public List<String> plan(String newClusterId) {
    requireSameName(newClusterId);
    return List.of(
        String.format(
            "%s: an earlier run has written the log of a new cluster, %s, and was cut short, or the"
                + " node's configuration does not name that cluster yet.",
            files.directory(), mark.clusterName()),
        String.format("It did: %s.", mark.line()),
        "This one does what is missing of it, and no more.");
  }

  @Override
  public void carryOut(String newClusterId) {
    requireSameName(newClusterId);
    try {
      files.finish(mark);
    } catch (UncheckedIOException e) {
      throw files.told(e);
    }
  }

  private void requireSameName(String newClusterId) {
    if (!newClusterId.equals(mark.clusterName())) {
      throw new StartException(
          String.format(
              "dir %s: an earlier recovery, as cluster %s, is not finished. Run heartwood recover"
                  + " with --new-cluster-id %s, and let the node's configuration say cluster-id %s,"
                  + " before it gets another name.",
              files.directory(), mark.clusterName(), mark.clusterName(), mark.clusterName()));
    }
  }
}
