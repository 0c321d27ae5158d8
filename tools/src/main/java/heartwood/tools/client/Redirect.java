package heartwood.tools.client;

import heartwood.resp.Reply;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code MOVED slot host:port}, or ASK: somebody else is to be asked. Immutable. */
record Redirect(boolean isAsk, int slot, String host, int port) {
  private static final Pattern FORM = Pattern.compile("(MOVED|ASK) (\\d{1,5}) (.*):(\\d{1,5})");

  /**
   * The redirect that a reply is, or null.
   *
   * @param asked the host that replied: an empty one in the redirect means the same
   */
  static @Nullable Redirect of(Reply reply, String asked) {
    if (!(reply instanceof Reply.SimpleError error)) {
      return null;
    }
    Matcher matcher = FORM.matcher(error.message());
    if (!matcher.matches()) {
      return null;
    }
    String host = matcher.group(3);
    return new Redirect(
        matcher.group(1).equals("ASK"),
        Integer.parseInt(matcher.group(2)),
        host.isEmpty() || host.equals("?") ? asked : host,
        Integer.parseInt(matcher.group(4)));
  }
}
