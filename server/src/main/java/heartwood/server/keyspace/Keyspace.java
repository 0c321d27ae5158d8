package heartwood.server.keyspace;

import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.RowKinds;
import heartwood.storage.Store;
import heartwood.storage.WriteTxn;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The databases as commands see them: keys with values and expiries, at one stamp.
 *
 * <p>The apply thread has one keyspace for the life of its store: {@link #load} after opening (or
 * installing) a state, then for each revision {@link #begin}, commands, {@link #commit} or {@link
 * #discard}, and {@link #endEntry} once per entry. Any other view of the state is read through a
 * keyspace of its own: load, or {@link #loadPast}, begin, read. Confined to one thread.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A key exists at a stamp if it has a directory row whose expiry, if any, is later, and at
 *       least one element that does not expire or does so later.
 *   <li>Every write below a key rewrites the key's directory row within the same revision.
 *   <li>Each directory row of a key that will be gone has one row in the expiry index, each of a
 *       hash with fields that expire has one in the index of those, and no other row has.
 *   <li>Each object id stands in one directory row, or in one row of the dead queue, or has no
 *       elements.
 *   <li>The counts of a namespace are those of its directory rows, expired ones included.
 *   <li>A command throws before its first write or not at all, our own faults aside.
 * </ol>
 */
public final class Keyspace {
  public static final int DEFAULT_DATABASES = 16;

  private static final byte FORMAT = 1;
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private @Nullable KeyLayout layout;
  private long incarnation;

  /** What was; null in a view of it. */
  private @Nullable Past past;

  /** The present, in a view of its past; else null. */
  private @Nullable Keyspace source;

  private @Nullable ReadTxn reads;
  private @Nullable WriteTxn writes;
  private CommandContext context = new CommandContext(0, 0, 0);

  private @Nullable Namespaces namespaces;
  private final KeptCount nextObjectId = new KeptCount(1);

  /** How many floors the state has: where there are none, nobody looks for one. */
  private final KeptCount floorCount = new KeptCount(0);

  /** The state that this was loaded from. */
  private @Nullable ReadTxn loaded;

  /** In a view of the past: what of it may be told. */
  private @Nullable MomentGuard guard;

  /** What is kept of what is written here. */
  private HistorySettings history = HistorySettings.DEFAULT;

  private HistorySettings keptHistory = history;
  private Exclusions exclusions = Exclusions.NONE;
  private Exclusions keptExclusions = exclusions;

  /** The selected database. */
  private int database;

  private NamespaceCounts counts = new NamespaceCounts(0);

  /** A key whose elements were written and whose directory row was not yet. */
  private @Nullable KeyEntry pending;

  private long maxReadRows = Long.MAX_VALUE;
  private long writeCount;
  private long randomState;
  private long soonestExpiryMet = Long.MAX_VALUE;
  private boolean hasToldTime;
  private int foundCount;
  private int missedCount;
  private final KeptCount expiredKeys = new KeptCount(0);
  private final KeptCount expiredFields = new KeptCount(0);
  private final KeySaving saving = new KeySaving(this);

  /** What the store must know of the rows of a keyspace. */
  public static RowKinds rowKinds() {
    return KeyLayout.KINDS;
  }

  /** Writes what a new cluster's state begins with. The secret has 16 bytes. */
  public static void initialize(WriteTxn txn, byte[] secret, int databaseCount) {
    if (secret.length != SipHash.SECRET_BYTES) {
      throw new IllegalArgumentException("secret: " + secret.length + " bytes (expected: 16)");
    }
    byte[] row = new byte[1 + SipHash.SECRET_BYTES + 4];
    row[0] = FORMAT;
    System.arraycopy(secret, 0, row, 1, SipHash.SECRET_BYTES);
    KeyLayout.putInt(row, 1 + SipHash.SECRET_BYTES, databaseCount);
    txn.put(KeyLayout.metaKey(KeyLayout.META_CLUSTER), row);
  }

  /** The same of a store's present, so that {@link #past} can be asked. */
  public boolean load(Store presentStore) {
    boolean isInitialized = load(presentStore.read());
    past = presentStore.past();
    return isInitialized;
  }

  /** Forgets what it knew and takes what the state says; false if that was never initialized. */
  public boolean load(ReadTxn txn) {
    past = null;
    source = null;
    guard = null;
    pending = null;
    reads = null;
    writes = null;
    Row cluster = txn.get(KeyLayout.metaKey(KeyLayout.META_CLUSTER));
    if (cluster == null) {
      layout = null;
      return false;
    }
    byte[] secret = new byte[SipHash.SECRET_BYTES];
    int position = cluster.value().position();
    cluster.value().get(position + 1, secret);
    layout = new KeyLayout(secret);
    incarnation = KeyLayout.incarnation(secret);
    int databaseCount = cluster.value().getInt(position + 1 + SipHash.SECRET_BYTES);
    namespaces = new Namespaces(txn, databaseCount);
    nextObjectId.read(txn, KeyLayout.COUNTER_NEXT_OBJECT, 1);
    floorCount.read(txn, KeyLayout.COUNTER_FLOORS, 0);
    history = HistorySettings.read(txn);
    keptHistory = history;
    exclusions = Exclusions.read(txn);
    keptExclusions = exclusions;
    loaded = txn;
    return true;
  }

  /**
   * Takes up what was at a revision of the store that another keyspace is over, as far as it is
   * committed. What has not changed since is not read: most often nothing is.
   */
  public void loadPast(Keyspace present, ReadTxn txn, long revision) {
    past = null;
    pending = null;
    reads = null;
    writes = null;
    layout = present.layout();
    incarnation = present.incarnation;
    namespaces = present.namespaces().asOf(txn, revision);
    source = present;
    MomentGuard momentGuard = new MomentGuard(present, revision);
    guard = momentGuard.isOpen() ? null : momentGuard;
  }

  /**
   * Takes up what another keyspace is over, in the midst of an entry too but not of a revision, to
   * read a snapshot of its store on another thread. To be called on the thread of the other.
   */
  public void loadSnapshot(Keyspace present, ReadTxn snapshot, Past pastOfSnapshot) {
    past = pastOfSnapshot;
    source = null;
    guard = null;
    floorCount.set(present.floorCount());
    exclusions = present.exclusions;
    loaded = snapshot;
    incarnation = present.incarnation;
    pending = null;
    reads = null;
    writes = null;
    layout = present.layout();
    namespaces = present.namespaces().copy();
  }

  /**
   * A read that is about to visit more rows than this is not begun: {@link LongReadException}. In
   * views that are taken from here too.
   */
  public void boundReads(long rows) {
    maxReadRows = rows;
  }

  /**
   * What is read next will visit so many rows, about, or be as much work. Called before the first
   * of them. Of what a write visits there is no bound.
   */
  public void willVisit(long rows) {
    if (isLong(rows)) {
      throw new LongReadException();
    }
  }

  /** Whether so many rows would be too many for a read here. */
  boolean isLong(long rows) {
    return rows > maxReadRows && writes == null;
  }

  /** How many keys of the selected database have rows. */
  long rowCount() {
    return namespaces().counted(database, reads()).keys();
  }

  /** Begins a revision. The transaction is committed or closed by this keyspace. */
  public void begin(WriteTxn txn, CommandContext commandContext) {
    begin((ReadTxn) txn, commandContext);
    writes = txn;
  }

  /** Begins reading; ends with the next begin. */
  public void begin(ReadTxn txn, CommandContext commandContext) {
    if (layout == null) {
      throw new IllegalStateException("the state was never initialized");
    }
    if (writes != null) {
      throw new IllegalStateException("the revision before is neither committed nor discarded");
    }
    reads = txn;
    context = commandContext;
    randomState = commandContext.seed() + commandContext.revision() * GOLDEN_GAMMA;
    soonestExpiryMet = Long.MAX_VALUE;
    hasToldTime = false;
    foundCount = 0;
    missedCount = 0;
    expiredKeys.discard();
    expiredFields.discard();
    writeCount = 0;
    select(0);
  }

  /** Writes what a command has left to be written; the next one may stand in the same revision. */
  public void endCommand() {
    flushPending();
  }

  public void commit() {
    flushPending();
    saving.trim(history.maxVersionsPerKey());
    WriteTxn txn = writes();
    txn.commit();
    txn.close();
    namespaces().keep();
    nextObjectId.keep();
    floorCount.keep();
    expiredKeys.keep();
    expiredFields.keep();
    keptHistory = history;
    keptExclusions = exclusions;
    reads = null;
    writes = null;
  }

  /** Undoes all that was written since {@link #begin}, in the state and in memory. */
  public void discard() {
    WriteTxn txn = writes();
    pending = null;
    reads = null;
    writes = null;
    saving.discard();
    namespaces().discard();
    nextObjectId.discard();
    floorCount.discard();
    history = keptHistory;
    exclusions = keptExclusions;
    txn.close();
  }

  /**
   * Writes the counts that the entry's revisions left behind and deletes up to {@code sweepRows}
   * rows of values that died before {@code horizon}. Once per entry, after its last revision, in a
   * transaction that the caller commits before it calls anything else here.
   */
  public void endEntry(WriteTxn txn, int sweepRows, long horizon) {
    nextObjectId.write(txn, KeyLayout.COUNTER_NEXT_OBJECT);
    namespaces().writeCounts(txn);
    new DeadQueue(txn, namespaces()::forget, () -> floorCount.add(-1)).sweep(sweepRows, horizon);
    floorCount.keep();
    floorCount.write(txn, KeyLayout.COUNTER_FLOORS);
  }

  // What a command asks first.

  /**
   * Tells this cluster from others: 32 bits, made from the secret that its first entry drew, so
   * that they are equal on all nodes.
   */
  public long incarnation() {
    return incarnation;
  }

  public CommandContext context() {
    return context;
  }

  public int databaseCount() {
    return namespaces().databaseCount();
  }

  /** The selected database. */
  public int database() {
    return database;
  }

  public void select(int newDatabase) {
    flushPending();
    database = newDatabase;
    counts = counts(newDatabase);
  }

  /** The next of the command's random numbers: the same on every node (SplitMix64). */
  public long nextRandom() {
    randomState += GOLDEN_GAMMA;
    long z = randomState;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** A random number of 0 to {@code bound - 1}. */
  public long nextRandom(long bound) {
    return Math.floorMod(nextRandom() >>> 1, bound);
  }

  /** How often this revision has written so far: what a caller compares to know that it has. */
  public long writeCount() {
    return writeCount;
  }

  /**
   * The earliest expiry, not yet due at the stamp, that a read since {@link #begin} depended on; or
   * the greatest long. A reader whose clock is past it must first move the stamp.
   */
  public long soonestExpiryMet() {
    return soonestExpiryMet;
  }

  /** How long something that is visible will stay so: at least 1. */
  public long millisUntil(long expiryMillis) {
    hasToldTime = true;
    return Math.max(1, expiryMillis - context.clockMillis());
  }

  /** Whether {@link #millisUntil} was asked since {@link #begin}: then the stamp must be recent. */
  public boolean hasToldTime() {
    return hasToldTime;
  }

  /** What a time ago is counted from; asking needs a recent stamp, as {@link #millisUntil} does. */
  public long nowMillis() {
    hasToldTime = true;
    return context.clockMillis();
  }

  /** How many of the keys that were looked up since {@link #begin} were there. */
  public int foundCount() {
    return foundCount;
  }

  /** How many of the keys that were looked up since {@link #begin} were not there. */
  public int missedCount() {
    return missedCount;
  }

  /** How many keys whose time was over were deleted or written over, in all that was committed. */
  public long expiredCount() {
    return expiredKeys.kept();
  }

  /** The same of fields; those of a key that was deleted do not count. */
  public long expiredFieldCount() {
    return expiredFields.kept();
  }

  // The past.

  /** Whether this is the present, which has a past. */
  public boolean hasPast() {
    return past != null;
  }

  /** What was; only asked of the present. */
  public Past past() {
    Past present = past;
    if (present == null) {
      throw new IllegalStateException("a view of the past has none of its own");
    }
    return present;
  }

  /** The last revision that can be asked: the one before that which is being written. */
  public long lastRevision() {
    return writes == null ? context.revision() : context.revision() - 1;
  }

  /** The time of a revision, of those of the entry under way as well. */
  public long stampOf(long revision) {
    boolean isOfWholeEntry = revision <= past().revisionAt(Long.MAX_VALUE);
    return isOfWholeEntry ? past().stampOf(revision) : context.stampMillis();
  }

  /**
   * The databases as they were, for reading until the next write: the same one is selected. What
   * expires is judged by the stamp; with 0 nothing has expired.
   */
  public Keyspace at(long revision, long stampMillis) {
    ReadTxn view = past().at(revision);
    Keyspace then = new Keyspace();
    then.boundReads(writes == null ? maxReadRows : Long.MAX_VALUE);
    then.loadPast(this, view, revision);
    then.begin(view, new CommandContext(stampMillis, 0, revision));
    then.select(database);
    return then;
  }

  // Floors.

  /** A floor was written where there was none. */
  void countFloor() {
    floorCount.add(1);
  }

  boolean hasFloors() {
    return floorCount.now() > 0;
  }

  long floorCount() {
    return floorCount.now();
  }

  /** The floor of rows that begin so, or null. Only asked of the present. */
  @Nullable Floor floor(byte[] beginning) {
    if (!hasFloors()) {
      return null;
    }
    Row row = now().get(KeyLayout.floorKey(beginning));
    return row == null ? null : Floor.of(row.value());
  }

  ReadTxn now() {
    ReadTxn present = writes != null ? writes : loaded;
    if (present == null) {
      throw new IllegalStateException("the state was never initialized");
    }
    return present;
  }

  /** Whether this is a moment of which a key, whose row was met in a scan, may not be told. */
  boolean isHidden(ByteBuffer rawKey, ByteBuffer row) {
    MomentGuard present = guard;
    return present != null
        && present.floorAbove(bytesOf(rawKey), KeyEntry.keyOf(rawKey, row), row) != null;
  }

  /**
   * The same of a key by its row's key. What the row says may differ from node to node if it is.
   *
   * @param key null if it is not known
   */
  boolean isHidden(byte[] rawKey, byte @Nullable [] key) {
    MomentGuard present = guard;
    if (present == null) {
      return false;
    }
    Row row = reads().get(rawKey);
    return present.floorAbove(rawKey, key, row == null ? null : row.value()) != null;
  }

  /** Whether this is a moment of which some keys may not be told. */
  boolean isGuarded() {
    return guard != null;
  }

  private static void requireAskable(
      MomentGuard guard, byte[] rawKey, byte[] key, @Nullable Row row) {
    Floor floor = guard.floorAbove(rawKey, key, row == null ? null : row.value());
    if (floor != null) {
      throw new BelowFloorException(floor);
    }
  }

  // Keys.

  /** A key of the selected database. */
  public KeyEntry find(byte[] key) {
    return find(counts, key);
  }

  /** A key of any database. */
  public KeyEntry find(int anyDatabase, byte[] key) {
    return find(counts(anyDatabase), key);
  }

  private KeyEntry find(NamespaceCounts namespaceCounts, byte[] key) {
    flushPending();
    byte[] rawKey = layout().directoryKey(namespaceCounts.namespace, key);
    KeyEntry entry = new KeyEntry(key, rawKey, namespaceCounts);
    Row row = reads().get(rawKey);
    if (guard != null) {
      requireAskable(guard, rawKey, key, row);
    }
    if (row != null) {
      entry.load(row, context.stampMillis());
      if (entry.goneAt() != KeyEntry.NO_EXPIRY) {
        dependOn(entry.goneAt());
      }
    }
    if (entry.exists()) {
      foundCount++;
    } else {
      missedCount++;
    }
    return entry;
  }

  /** The string under a key, or an empty handle; throws WRONGTYPE. */
  public StringValue string(byte[] key) {
    return string(find(key));
  }

  public StringValue string(KeyEntry entry) {
    requireTypeOrAbsent(entry, KeyType.STRING);
    return new StringValue(this, entry);
  }

  /** A handle to write a string over whatever is there. */
  public StringValue stringOver(KeyEntry entry) {
    return new StringValue(this, entry);
  }

  /** The hash under a key, or an empty handle; throws WRONGTYPE. */
  public HashValue hash(byte[] key) {
    return hash(find(key));
  }

  public HashValue hash(KeyEntry entry) {
    requireTypeOrAbsent(entry, KeyType.HASH);
    return new HashValue(this, entry);
  }

  private static void requireTypeOrAbsent(KeyEntry entry, KeyType type) {
    if (entry.type() != type && entry.exists()) {
      throw new WrongTypeException();
    }
  }

  /** Makes the store agree with an entry: its row, its expiry, the counts, the dead queue. */
  public void save(KeyEntry entry) {
    if (pending == entry) {
      pending = null;
    }
    writeCount++;
    saving.save(entry);
  }

  boolean isDue(long expiry) {
    return expiry != KeyEntry.NO_EXPIRY && expiry <= context.stampMillis();
  }

  /** Deletes a key, in time that does not depend on its size. */
  public void remove(KeyEntry entry) {
    entry.setAbsent();
    save(entry);
  }

  /** Gives the value and the expiry of one key to another and deletes the first. */
  public void rename(KeyEntry from, KeyEntry to) {
    to.takeValueOf(from);
    Exclusion exclusion = exclusionOf(to);
    if (exclusion != null && !exclusion.equals(exclusionOf(from))) {
      to.setMoved(); // Its past is that of a name that is remembered.
    }
    from.storedObjectId = KeyEntry.NO_OBJECT; // it lives on
    remove(from);
    save(to);
  }

  /** Gives a copy of the value and the expiry of one key to another, but for elements due. */
  public void copy(KeyEntry from, KeyEntry to) {
    copy(from, reads(), to);
  }

  /** The same of a key that was read elsewhere. */
  void copy(KeyEntry from, ReadTxn elements, KeyEntry to) {
    new KeyCopy(this, elements).copy(from, to);
  }

  /** Deletes keys and fields whose time has come, up to a number; a revision of its own. */
  public int sweepExpired(int budgetItems) {
    return new ExpirySweep(this).run(budgetItems);
  }

  /** Whether keys of a namespace may be gone by their time or that of their elements. */
  static boolean mayBeGone(NamespaceCounts each) {
    return each.expiring() > 0 || each.elementsExpiring() > 0;
  }

  // Databases.

  /** Forgets all keys of a database, in time that does not depend on their number. */
  public void flush(int anyDatabase) {
    flushPending();
    NamespaceCounts dead = counts(anyDatabase);
    if (dead.keys() == 0) {
      return;
    }
    DeadQueue.add(writes(), KeyLayout.DEAD_NAMESPACE, dead.namespace);
    writeCount++;
    namespaces().renew(anyDatabase, writes());
    select(database);
  }

  /** Exchanges the keys of two databases. */
  public void swap(int first, int second) {
    flushPending();
    writeCount++;
    namespaces().swap(first, second, writes());
    select(database);
  }

  /** The number of keys that exist in the selected database. */
  public long size() {
    return size(database);
  }

  /** The number of keys that exist in a database. */
  public long size(int anyDatabase) {
    flushPending();
    NamespaceCounts each = namespaces().counted(anyDatabase, reads());
    Keyspace present = source;
    if (guard != null && guard.hidesSomeOf(each.namespace)) {
      willVisit(each.keys());
      return new KeyScan(this, each.namespace).count();
    }
    long uncounted = present == null ? 0 : EntryDelta.keys(present.past(), each, this);
    long due = mayBeGone(each) ? ExpiryIndex.KEYS.countDue(this, each.namespace) : 0;
    return each.keys() + uncounted - due;
  }

  /** How many of the keys that exist in a database have an expiry. */
  public long expiringSize(int anyDatabase) {
    flushPending();
    NamespaceCounts each = namespaces().counted(anyDatabase, reads());
    return each.expiring() == 0
        ? 0
        : each.expiring() - ExpiryIndex.KEYS.countDueByExpiry(this, each.namespace);
  }

  /**
   * When the next key or field of any database expires, due ones included; or the greatest long.
   */
  public long nextExpiry() {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < databaseCount(); i++) {
      NamespaceCounts each = counts(i);
      if (mayBeGone(each)) {
        next = Math.min(next, ExpiryIndex.KEYS.first(reads(), each.namespace));
      }
      if (each.elementsExpiring() > 0) {
        next = Math.min(next, ExpiryIndex.FIELDS.first(reads(), each.namespace));
      }
    }
    return next;
  }

  /**
   * Whether there are rows that nothing of {@code horizon - 1} or later refers to, for {@link
   * #endEntry} to delete.
   */
  public boolean hasDead(long horizon) {
    return !DeadQueue.isEmpty(reads(), horizon);
  }

  /** Walks over the keys of the selected database. */
  public KeyScan scan() {
    flushPending();
    return new KeyScan(this, counts.namespace);
  }

  // What the types are made of.

  /** Says that elements of this key were written: its directory row will be, before it is read. */
  void touch(KeyEntry entry) {
    if (pending != entry) {
      flushPending();
      pending = entry;
      entry.detach();
    }
  }

  private void flushPending() {
    if (pending != null) {
      save(pending);
    }
  }

  /** Writes a part of a key's value. */
  void putElement(KeyEntry entry, byte[] rawKey, byte[] value) {
    writeCount++;
    writes().put(rawKey, value, isElementKept(entry, rawKey));
  }

  void deleteElement(KeyEntry entry, byte[] rawKey) {
    writeCount++;
    writes().delete(rawKey, isElementKept(entry, rawKey));
  }

  /** Writes a row that belongs to no key. */
  void putRow(byte[] rawKey, byte[] value) {
    writeCount++;
    writes().put(rawKey, value);
  }

  void deleteRow(byte[] rawKey) {
    writeCount++;
    writes().delete(rawKey);
  }

  private boolean isElementKept(KeyEntry entry, byte[] rawKey) {
    return entry.isMoved() || isFormerKept(entry, rawKey);
  }

  /** Whether what a row of a key is now can be asked for when it is no more. */
  boolean isFormerKept(KeyEntry entry, byte[] rawKey) {
    Exclusion exclusion = exclusionOf(entry);
    if (exclusion == null) {
      return true;
    }
    Row row = reads().get(rawKey);
    return row != null && row.born() < exclusion.fromRevision();
  }

  @Nullable Exclusion exclusionOf(KeyEntry entry) {
    return exclusions.isEmpty() ? null : entry.exclusion(exclusions);
  }

  // What is remembered.

  Exclusions exclusions() {
    return exclusions;
  }

  /** Settings that hold from this revision on. */
  void setHistory(HistorySettings newHistory, Exclusions newExclusions) {
    history = newHistory;
    exclusions = newExclusions;
  }

  /** The first object id that no object has. */
  long nextObjectId() {
    return nextObjectId.now();
  }

  /** Deletes a key whose last element is gone. */
  void removeEmptied(KeyEntry entry) {
    entry.storedObjectId = KeyEntry.NO_OBJECT;
    remove(entry);
  }

  /** Whether a key that was written once more may have too many versions behind it. */
  boolean isTrimDue(KeyEntry entry) {
    return Trimming.isDue(history, context, entry.rawKey);
  }

  /** Changes the counts of a namespace. */
  void count(NamespaceCounts of, int keysMore, int expiringMore, int elementsExpiringMore) {
    namespaces().add(of, keysMore, expiringMore, elementsExpiringMore);
  }

  /** A key whose time was over was deleted or written over. */
  void countExpiredKey() {
    expiredKeys.add(1);
  }

  /** Fields whose time was over were deleted or written over. */
  void countExpiredFields(long more) {
    expiredFields.add(more);
  }

  /** Two bytes for the group of birth, which today is 0, and six of a counter. */
  long newObjectId() {
    return nextObjectId.next();
  }

  /** Says that the answer may be another when the stamp has come to a time. */
  public void dependOn(long millis) {
    if (millis < soonestExpiryMet) {
      soonestExpiryMet = millis;
    }
  }

  /** The namespace of the selected database. */
  int namespace() {
    return counts.namespace;
  }

  KeyLayout layout() {
    KeyLayout present = layout;
    if (present == null) {
      throw new IllegalStateException("the state was never initialized");
    }
    return present;
  }

  ReadTxn reads() {
    ReadTxn present = reads;
    if (present == null) {
      throw new IllegalStateException("no command has begun");
    }
    return present;
  }

  WriteTxn writes() {
    WriteTxn present = writes;
    if (present == null) {
      throw new IllegalStateException("a read command writes");
    }
    return present;
  }

  private Namespaces namespaces() {
    Namespaces present = namespaces;
    if (present == null) {
      throw new IllegalStateException("the state was never initialized");
    }
    return present;
  }

  NamespaceCounts counts(int ofDatabase) {
    return namespaces().of(ofDatabase, reads());
  }

  static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
