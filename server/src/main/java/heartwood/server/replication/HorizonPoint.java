package heartwood.server.replication;

/**
 * The oldest moment that can be asked. Immutable.
 *
 * @param stampMillis its time; 0 if nothing was ever forgotten
 * @param writtenBytesSince keys and values written since
 */
public record HorizonPoint(long revision, long stampMillis, long writtenBytesSince) {
  static final HorizonPoint BEGINNING = new HorizonPoint(0, 0, 0);
}
