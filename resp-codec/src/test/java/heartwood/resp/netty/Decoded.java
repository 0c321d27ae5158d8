package heartwood.resp.netty;

import heartwood.resp.Bytes;
import heartwood.resp.ProtocolException;
import heartwood.resp.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a decoder made of a stream, to be compared: the requests and the fault that ended it.
 */
record Decoded(List<List<Bytes>> requests, @Nullable String fault, int bytesLeft) {

  /** Decodes a stream that arrives in pieces, cut at the given ascending positions. */
  static Decoded inPieces(RespDecoder decoder, byte[] stream, int... cuts) {
    ByteBuf cumulation = Unpooled.buffer();
    List<List<Bytes>> requests = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : stream.length;
      cumulation.writeBytes(stream, from, to - from);
      from = to;
      try {
        while (decoder.decode(cumulation)) {
          requests.add(arguments(decoder.request()));
        }
      } catch (ProtocolException fault) {
        int left = cumulation.readableBytes() + stream.length - to;
        return new Decoded(requests, fault.getMessage(), left);
      }
      cumulation.discardReadBytes(); // what the caller may do: unread bytes move
    }
    return new Decoded(requests, null, cumulation.readableBytes());
  }

  static Decoded whole(String stream) {
    return whole(latin1(stream));
  }

  static Decoded whole(byte[] stream) {
    return inPieces(new RespDecoder(FrameLimits.DEFAULT, true), stream);
  }

  static Decoded inPieces(byte[] stream, int... cuts) {
    return inPieces(new RespDecoder(FrameLimits.DEFAULT, true), stream, cuts);
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static List<Bytes> request(String... arguments) {
    return Arrays.stream(arguments).map(text -> Bytes.copyOf(latin1(text))).toList();
  }

  static List<Bytes> arguments(Request request) {
    List<Bytes> arguments = new ArrayList<>();
    for (int i = 0; i < request.count(); i++) {
      byte[] copy = new byte[request.length(i) + 2];
      request.copyTo(i, copy, 1);
      arguments.add(Bytes.copyOf(Arrays.copyOfRange(copy, 1, copy.length - 1)));
    }
    return arguments;
  }
}
