package heartwood.server.keyspace;

import heartwood.storage.Hash64;
import heartwood.storage.Past;

/**
 * Keeps the number of a key's versions within a setting: older ones are below the key's floor.
 * Confined to the thread of its keyspace, valid within one revision.
 *
 * <p>Nobody counts versions. Now and then, as chance in the entry and the key have it, a write
 * looks back: so one of many pays for all. A key has at least the versions of the setting, and an
 * eighth more on average; up to a setting of 15 it has exactly those, unless one revision writes
 * very many keys: then it looks at so many versions and no more.
 */
final class Trimming {
  private static final int LOOKS_PER_SETTING = 8;

  /** Of so many versions that go, objects are set free at once; other objects wait. */
  private static final int MAX_VERSIONS = 1000;

  /** Versions; a revision that has looked at more begins with no further key. */
  private static final int MAX_LOOKS = 20_000;

  private final Keyspace keyspace;
  private final Past past;
  private final long maxVersions;
  private long looks;

  /**
   * @param maxVersions the one that this revision writes included; above 0
   */
  Trimming(Keyspace keyspace, long maxVersions) {
    this.keyspace = keyspace;
    this.past = keyspace.past();
    this.maxVersions = maxVersions;
  }

  /** Whether a key that a revision writes over is to be looked at. */
  static boolean isDue(HistorySettings settings, CommandContext context, byte[] rawKey) {
    long keep = settings.maxVersionsPerKey();
    long chance = Math.max(1, keep / LOOKS_PER_SETTING);
    if (keep == 0 || chance == 1) {
      return keep > 0;
    }
    long draw = Hash64.hash(Hash64.mix(context.seed(), context.revision()), rawKey);
    return Math.floorMod(draw, chance) == 0;
  }

  /** Raises the floor of a key that this revision has written over or deleted. */
  void trim(byte[] rawKey) {
    if (looks > MAX_LOOKS) {
      return; // Another write will.
    }
    long from = Math.max(past.horizon(), floorOf(rawKey));
    long floor = maxVersions == 1 ? keyspace.context().revision() : 0;
    try (Past.Versions versions = past.versions(rawKey, from, keyspace.lastRevision())) {
      for (long count = 1; floor == 0; count++) {
        looks++;
        if (!versions.next()) {
          return;
        }
        if (count == maxVersions - 1) {
          floor = versions.born();
        }
      }
    }
    if (floor > from) {
      RaisedFloors floors = new RaisedFloors(keyspace, FloorReason.TRIMMED);
      floors.add(rawKey, from, floor, MAX_VERSIONS);
      floors.write();
    }
  }

  private long floorOf(byte[] rawKey) {
    Floor floor = keyspace.floor(rawKey);
    return floor == null ? 0 : floor.revision();
  }
}
