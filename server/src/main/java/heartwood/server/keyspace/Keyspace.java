package heartwood.server.keyspace;

/** A stand-in, until the keyspace is merged. */
public interface Keyspace {}
