package heartwood.server.replication;

import heartwood.server.keyspace.HistorySettings;
import heartwood.server.keyspace.Pins;
import heartwood.storage.Past;
import heartwood.storage.Store;

/**
 * How far a state forgets: up to the horizon that the settings, the pins and the stamp of an entry
 * make, alike on every node. Confined to the apply thread.
 */
final class Retention {
  /** The horizon is worth an entry of its own when it moves by such a part of the retention. */
  private static final int PARTS = 64;

  private static final long LEAST_STEP_MILLIS = 100;

  private final Store store;

  Retention(Store store) {
    this.store = store;
  }

  HistorySettings settings() {
    return HistorySettings.read(store.read());
  }

  /** Forgets what may be forgotten at the stamp of an entry, whose commands have been applied. */
  void apply(long stampMillis) {
    store.raiseHorizon(horizonAt(settings(), stampMillis));
  }

  private long horizonAt(HistorySettings settings, long stampMillis) {
    if (settings.isOff()) {
      return Long.MAX_VALUE;
    }
    Past past = store.past();
    long horizon = past.revisionAt(stampMillis - settings.retentionMillis());
    if (settings.maxBytes() > 0) {
      horizon = Math.max(horizon, past.revisionKeeping(settings.maxBytes()));
    }
    return Math.min(horizon, endOfEntry(past, Pins.lowestPinned(store.read(), stampMillis)));
  }

  /**
   * The last end of an entry that is not behind a revision, or an earlier one: what is counted once
   * an entry is known in the midst of one by what has changed since.
   */
  private static long endOfEntry(Past past, long revision) {
    if (revision == Long.MAX_VALUE || revision < past.horizon()) {
      return revision;
    }
    long stampMillis = past.stampOf(revision);
    return past.revisionAt(stampMillis) == revision ? revision : past.revisionAt(stampMillis - 1);
  }

  /** Whether an entry now would make enough be forgotten to be worth it. */
  boolean wantsEntry(long clockMillis) {
    HistorySettings settings = settings();
    Past past = store.past();
    long now = past.horizon();
    long then = horizonAt(settings, clockMillis);
    if (settings.isOff() || then <= now) {
      return false; // What is off follows every entry.
    }
    long bytes = past.writtenBytes(then) - past.writtenBytes(now);
    long millis = past.stampOf(then) - past.stampOf(now);
    long step = Math.max(LEAST_STEP_MILLIS, settings.retentionMillis() / PARTS);
    return bytes > 0
        && (millis >= step || (settings.maxBytes() > 0 && bytes >= settings.maxBytes() / PARTS));
  }
}
