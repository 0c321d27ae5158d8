package heartwood.server.net;

import heartwood.resp.RespVersion;

/**
 * Forwarded commands and their replies, as they follow one another in frame bodies. Big endian.
 *
 * <pre>
 *   command = length(4) client(8) flags(1) command id(2) 0(1) database(2) arguments
 *   gone    = length(4) client(8) flags(1)                       the client has left
 *   reply   = length(4) client(8) operations(4) bytes            the length counts what follows it
 *
 *   flags: 1 RESP3 · 2 gone
 * </pre>
 */
final class ForwardFormat {
  static final int COMMAND_HEAD_BYTES = 4 + 8 + 1;
  static final int REPLY_HEAD_BYTES = 4 + 8 + 4;
  static final int GONE = 2;

  private static final int RESP3 = 1;

  private ForwardFormat() {}

  static int flags(RespVersion version) {
    return version == RespVersion.RESP3 ? RESP3 : 0;
  }

  static RespVersion version(int flags) {
    return (flags & RESP3) == 0 ? RespVersion.RESP2 : RespVersion.RESP3;
  }
}
