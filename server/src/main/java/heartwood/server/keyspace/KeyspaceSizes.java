package heartwood.server.keyspace;

/** How many keys a database has, and how many of them expire. Immutable. */
public record KeyspaceSizes(int database, long keys, long expiring) {}
