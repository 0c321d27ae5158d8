package heartwood.tools.cli;

import heartwood.resp.Reply;

/** How replies are written; the forms of redis-cli. */
enum OutputForm {
  /** For people: types, quotes, numbered elements. */
  PRETTY,
  /** For pipes: the bytes, a line each. */
  RAW,
  JSON;

  /** A reply with the line ends that follow it. */
  byte[] format(Reply reply) {
    return switch (this) {
      case PRETTY -> PrettyText.of(reply);
      case RAW -> RawText.of(reply);
      case JSON -> JsonReply.of(reply);
    };
  }
}
