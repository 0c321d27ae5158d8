/**
 * The versioned port: what the keyspace asks of a store, in ordered rows and revisions.
 *
 * <p>Knows neither Redis nor Raft nor LMDB. {@code storage.version} implements it over the {@code
 * Tables} of {@code storage.lmdb} or {@code storage.memory}. Begin with {@link
 * heartwood.storage.Store}.
 */
@NullMarked
package heartwood.storage;

import org.jspecify.annotations.NullMarked;
