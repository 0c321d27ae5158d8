package heartwood.tests.chaos;

import heartwood.tests.process.RigMembers;
import java.util.List;

/**
 * Takes the past away under the clients that ask for it: what they are told of it must be right, or
 * an error. Steered by one thread.
 */
final class PastFaults {
  private record Setting(String name, String less, String usual) {}

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("history-max-versions-per-key", "3", "0"),
          new Setting("history-exclude-pattern", "hash:* register:*:1", ""),
          new Setting("history-retention", "1s", "24h"),
          new Setting("history-retention", "0", "24h"));

  private final RigMembers cluster;
  private final Workload workload;

  PastFaults(RigMembers cluster, Workload workload) {
    this.cluster = cluster;
    this.workload = workload;
  }

  /** Keeps less from now on; what exactly, in a few words. */
  String forget(int pick) {
    Setting setting = SETTINGS.get(pick % SETTINGS.size());
    return set(setting.name(), setting.less());
  }

  void remember(int pick) {
    Setting setting = SETTINGS.get(pick % SETTINGS.size());
    set(setting.name(), setting.usual());
  }

  private String set(String name, String value) {
    return name + " " + value + ": " + cluster.change("CONFIG", "SET", name, value);
  }

  /** Removes what the keys in use were. */
  String purge() {
    List<String> keys = workload.registersInUse();
    keys.forEach(key -> cluster.change("TIMELINE", "PURGE", key));
    return String.join(", ", keys);
  }
}
