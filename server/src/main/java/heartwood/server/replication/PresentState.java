package heartwood.server.replication;

import heartwood.server.command.CommandExecutor;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.storage.Applied;
import heartwood.storage.version.VersionedStore;

/**
 * The state as the last entry, or the command before, has left it: what commands run over. Confined
 * to the apply thread, apart from {@link #store}.
 */
final class PresentState {
  private volatile VersionedStore store;
  private Keyspace keyspace = new Keyspace();
  private CommandExecutor executor = new CommandExecutor(keyspace);
  private boolean isInitialized;
  private long revision;
  private long stampMillis;

  PresentState(VersionedStore store) {
    this.store = store;
  }

  /** Takes up another state; returns what it says of itself. */
  Applied load(VersionedStore newStore) {
    store = newStore;
    keyspace = new Keyspace();
    keyspace.boundReads(LongReads.MAX_SHORT_ROWS);
    executor = new CommandExecutor(keyspace);
    loadKeyspace();
    Applied stored = newStore.applied();
    revision = stored.revision();
    stampMillis = stored.stamp();
    return stored;
  }

  /** The databases are there from now on, if they were not. */
  void loadKeyspace() {
    isInitialized = keyspace.load(store);
  }

  /** Any thread. */
  VersionedStore store() {
    return store;
  }

  Keyspace keyspace() {
    return keyspace;
  }

  CommandExecutor executor() {
    return executor;
  }

  /** Whether there are databases: the first entry that has commands makes them. */
  boolean isInitialized() {
    return isInitialized;
  }

  /** The last revision. */
  long revision() {
    return revision;
  }

  /** Begins a revision and returns it. */
  long nextRevision() {
    return ++revision;
  }

  long stampMillis() {
    return stampMillis;
  }

  /** Time never goes back: returns the later of the two. */
  long moveTo(long millis) {
    stampMillis = Math.max(stampMillis, millis);
    return stampMillis;
  }

  /** The keyspace, to be read as it is. */
  Keyspace reading() {
    keyspace.begin(store.read(), new CommandContext(stampMillis, 0, revision));
    return keyspace;
  }
}
