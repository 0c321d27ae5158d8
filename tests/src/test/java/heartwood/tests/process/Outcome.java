package heartwood.tests.process;

import heartwood.resp.Reply;

/** What a client knows of a write that it sent. */
enum Outcome {
  /** It took effect, for ever. */
  ACKNOWLEDGED,
  /** It did not take effect and never will. */
  NOT_EXECUTED,
  /** It may or may not have taken effect, or may yet. */
  UNKNOWN;

  /** What the first word of an error says; an error that a fault does not explain fails. */
  static Outcome ofReply(Reply reply) {
    String error = RawConnection.errorOf(reply);
    if (error == null) {
      return ACKNOWLEDGED;
    }
    int end = error.indexOf(' ');
    return switch (end < 0 ? error : error.substring(0, end)) {
      case "MOVED", "CLUSTERDOWN", "LOADING", "TRYAGAIN" -> NOT_EXECUTED;
      case "UNCERTAIN" -> UNKNOWN;
      default -> throw new AssertionError("no fault explains: " + error);
    };
  }
}
