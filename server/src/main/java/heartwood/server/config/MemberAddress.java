package heartwood.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member of the cluster and where it listens: {@code id@host:redirect:proxy:peer:admin}, an IPv6
 * address in brackets. The admin port is kept for operators to come: nothing listens there yet.
 * Immutable.
 *
 * @param id the member's number, 1 or more
 */
public record MemberAddress(
    int id, String host, int redirectPort, int proxyPort, int peerPort, int adminPort) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,9})@(\\[[^\\]]+\\]|[^:\\[\\]]+):(\\d+):(\\d+):(\\d+):(\\d+)");

  /** Reads what {@link #toString} writes. */
  public static MemberAddress parse(String text) throws ConfigException {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new ConfigException(
          "'" + text + "' is not a member (expected: id@host:redirect:proxy:peer:admin)");
    }
    int id = Integer.parseInt(matcher.group(1));
    if (id < 1) {
      throw new ConfigException("'" + text + "': a member's id is 1 or more");
    }
    String host = matcher.group(2);
    return new MemberAddress(
        id,
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port(matcher.group(3)),
        port(matcher.group(4)),
        port(matcher.group(5)),
        port(matcher.group(6)));
  }

  private static int port(String digits) throws ConfigException {
    return (int) ValueType.requireLong(digits, 0, 65_535);
  }

  @Override
  public String toString() {
    String shownHost = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return id
        + "@"
        + shownHost
        + ":"
        + redirectPort
        + ":"
        + proxyPort
        + ":"
        + peerPort
        + ":"
        + adminPort;
  }
}
