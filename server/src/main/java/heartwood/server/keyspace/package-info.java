/**
 * How Redis types lie in ordered keys, and the operations that the commands are written in.
 *
 * <p>Knows the storage port and the JDK; neither Raft nor Netty nor LMDB, and no reply. All of it
 * belongs to the thread that owns the {@link heartwood.server.keyspace.Keyspace}: the apply thread
 * for the one that writes, another for a copy that reads very many rows. Time and chance come from
 * {@link heartwood.server.keyspace.CommandContext} alone. Begin with {@code Keyspace}, then {@code
 * KeyLayout}, which has the bytes of every raw key, and {@code KeyEntry}, which has those of a
 * directory row.
 *
 * <pre>
 *   SELECT 0                     SET greeting "hello"            HSET user name Ada
 *      │                            │                               │
 *      ▼                            ▼                               ▼
 *   META                         DIRECTORY  in SCAN's order: slot, hash, key
 *   ┌──────────────────────┐     ┌────────────────────────────────────────────────────────┐
 *   │ database 0 → ns 0  ──┼────►│ ns 0 │ slot │ hash │ greeting → string, "hello"         │
 *   │ database 1 → ns 7    │     │ ns 0 │ slot │ hash │ user     → hash, object 42, 1 field│
 *   │ ns 0: 2 keys, 1 ttl  │     └──────────────────────────────────────┬─────────────────┘
 *   │ next object, next ns │        ▲                                   ▼
 *   └──────────────────────┘        │                 ELEMENT  below object ids
 *                                   │                 ┌────────────────────────────────────┐
 *   EXPIRY  by when a key is gone   │                 │ 42 │ field │ hash │ name → Ada     │
 *   ┌───────────────────────────────┴────────┐        │ 42 │ expiry │ time │ hash │ name   │
 *   │ ns 0 │ 1700000000999 │ slot hash user  │        │ 57 │ chunk │ 0           → 4032 B  │
 *   └────────────────────────────────────────┘        │ 57 │ chunk │ 1           → 4032 B  │
 *   FIELDS  by when a first field expires             └────────────────────────────────────┘
 *   ┌────────────────────────────────────────┐                          ▲
 *   │ ns 0 │ 1700000000999 │ slot hash user  │                          │
 *   └────────────────────────────────────────┘                          │
 *   DEAD  in the order of death                                         │
 *   ┌────────────────────────────────────────┐  swept in slices         │
 *   │ revision │ object 57                   ├──────────────────────────┘
 *   │ revision │ ns 3                        │
 *   └────────────────────────────────────────┘
 *   FLOOR  what is purged
 *   ┌────────────────────────────────────────┐
 *   │ directory key │ from when on           │
 *   │ object 42     │ from when on           │
 *   └────────────────────────────────────────┘
 * </pre>
 *
 * <ul>
 *   <li>RENAME moves a directory row; DEL, an overwrite or an expiry drops it and queues the
 *       object; FLUSHDB maps the database to a new namespace and queues the old one. None depends
 *       on sizes.
 *   <li>A key is there if its row is there and its expiry is later than the stamp. The expiry index
 *       serves DBSIZE and the sweep, never a lookup.
 *   <li>A field that expires says so in its row, and has a second one below the object, in the
 *       order of time. The directory row keeps how many there are, the first expiry and the last:
 *       enough to see that no field is due, and that a hash is gone with the last of them. Such a
 *       hash stands in the expiry index as if that were its own expiry. The index of first expiries
 *       tells a sweep which hashes have due fields while they live on.
 *   <li>The keyspace of the present knows its past: {@code at} reads any moment as if it were now,
 *       {@code KeyHistory} and {@code FieldHistory} tell what happened to one name, {@code KeyDiff}
 *       what lies between two moments, and {@code Rewinding} writes the old anew.
 *   <li>A key that was purged has a floor, and so has each object that it held ({@code Floor}).
 *       Views of the past look there before they tell of a key, by the floors of the present, and
 *       not at all where there are none; the present itself never looks. {@code Purging} raises
 *       them, and what lies below is never read again: a node may have removed it or not.
 *   <li>A new type is one file like {@code HashValue}: element rows under an object id through
 *       {@code putElement} and {@code deleteElement}, {@code touch} for the directory row, and
 *       {@code MemberScan} where members are found by their bytes.
 * </ul>
 */
@NullMarked
package heartwood.server.keyspace;

import org.jspecify.annotations.NullMarked;
