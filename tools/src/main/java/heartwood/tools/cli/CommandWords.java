package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.ProtocolException;
import heartwood.resp.Request;
import heartwood.resp.netty.FrameLimits;
import heartwood.resp.netty.RespDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A typed line as the words of a command, by the server's own rules for quotes. Stateless. */
final class CommandWords {
  private static final int MAX_LINE_BYTES = 512 << 20;
  private static final FrameLimits LIMITS =
      new FrameLimits(
          MAX_LINE_BYTES, MAX_LINE_BYTES, MAX_LINE_BYTES, MAX_LINE_BYTES, 1, MAX_LINE_BYTES);

  private CommandWords() {}

  /** The words, none for an empty line; null when a quote is not closed. */
  static @Nullable List<byte[]> split(String line) {
    // The blank keeps a line that begins with a star from being read as a request in RESP.
    ByteBuf bytes = Unpooled.copiedBuffer(" " + line + "\n", UTF_8);
    RespDecoder decoder = new RespDecoder(LIMITS, true);
    List<byte[]> words = new ArrayList<>();
    try {
      if (decoder.decode(bytes)) {
        Request request = decoder.request();
        for (int i = 0; i < request.count(); i++) {
          byte[] word = new byte[request.length(i)];
          request.copyTo(i, word, 0);
          words.add(word);
        }
      }
      return words;
    } catch (ProtocolException e) {
      return null;
    }
  }
}
