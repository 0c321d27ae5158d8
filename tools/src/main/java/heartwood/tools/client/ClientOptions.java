package heartwood.tools.client;

import java.time.Duration;

/**
 * Whom to speak to, and how. Immutable.
 *
 * @param user empty: the default one
 * @param password empty: none
 * @param isFollowing whether MOVED and ASK lead elsewhere
 * @param readTimeout how long a reply may take; zero: for ever
 */
public record ClientOptions(
    String host,
    int port,
    String user,
    String password,
    int database,
    boolean isResp3,
    boolean isFollowing,
    Duration connectTimeout,
    Duration readTimeout) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** No password, database 0, RESP2, all the time in the world. */
  public static ClientOptions of(String host, int port) {
    return new ClientOptions(host, port, "", "", 0, false, false, CONNECT_TIMEOUT, Duration.ZERO);
  }

  public ClientOptions at(String host, int port) {
    return new ClientOptions(
        host, port, user, password, database, isResp3, isFollowing, connectTimeout, readTimeout);
  }

  public ClientOptions following() {
    return new ClientOptions(
        host, port, user, password, database, isResp3, true, connectTimeout, readTimeout);
  }

  public ClientOptions withTimeout(Duration timeout) {
    return new ClientOptions(
        host, port, user, password, database, isResp3, isFollowing, timeout, timeout);
  }

  public ClientOptions withLogin(String user, String password) {
    return new ClientOptions(
        host, port, user, password, database, isResp3, isFollowing, connectTimeout, readTimeout);
  }

  public ClientOptions withDatabase(int database) {
    return new ClientOptions(
        host, port, user, password, database, isResp3, isFollowing, connectTimeout, readTimeout);
  }

  /** Host and port, as in an address bar. */
  public String address() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
