package heartwood.resp.netty;

import heartwood.resp.Bytes;
import heartwood.resp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Replies of every type and shape, decided by a seed. */
final class RandomReplies {
  private static final int RESP2_SCALARS = 5;
  private static final int RESP3_SCALARS = 11;

  private RandomReplies() {}

  /** Only what RESP2 knows. */
  static Reply resp2(SplittableRandom random, int maxDepth) {
    if (maxDepth > 0 && random.nextInt(3) == 0) {
      return random.nextInt(10) == 0
          ? Reply.Null.ARRAY
          : new Reply.Array(elements(random, maxDepth - 1, false));
    }
    return scalar(random, random.nextInt(RESP2_SCALARS));
  }

  static Reply resp3(SplittableRandom random, int maxDepth) {
    if (maxDepth > 0 && random.nextInt(3) == 0) {
      int depth = maxDepth - 1;
      return switch (random.nextInt(5)) {
        case 0 -> new Reply.Array(elements(random, depth, true));
        case 1 -> new Reply.SetReply(elements(random, depth, true));
        case 2 -> new Reply.Push(elements(random, depth, true));
        case 3 -> new Reply.MapReply(entries(random, depth));
        default -> new Reply.Attributed(entries(random, depth), resp3(random, depth));
      };
    }
    int scalar = random.nextInt(RESP3_SCALARS);
    return scalar == 4 ? Reply.Null.PLAIN : scalar(random, scalar);
  }

  private static Reply scalar(SplittableRandom random, int type) {
    return switch (type) {
      case 0 -> new Reply.SimpleString(text(random));
      case 1 -> new Reply.SimpleError("ERR " + text(random));
      case 2 -> new Reply.IntegerReply(random.nextLong() >> random.nextInt(64));
      case 3, 5 -> new Reply.BulkString(bytes(random));
      case 4 -> Reply.Null.BULK;
      case 6 -> new Reply.BulkError(bytes(random));
      case 7 -> new Reply.VerbatimString("txt", Bytes.utf8(text(random)));
      case 8 -> new Reply.DoubleReply(randomDouble(random));
      case 9 -> new Reply.BooleanReply(random.nextBoolean());
      case 10 -> new Reply.BigNumber(random.nextLong() + "0123456789");
      default -> throw new AssertionError(type);
    };
  }

  private static List<Reply> elements(SplittableRandom random, int maxDepth, boolean isResp3) {
    List<Reply> elements = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      elements.add(isResp3 ? resp3(random, maxDepth) : resp2(random, maxDepth));
    }
    return elements;
  }

  private static List<Reply.Entry> entries(SplittableRandom random, int maxDepth) {
    List<Reply.Entry> entries = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      entries.add(new Reply.Entry(resp3(random, maxDepth), resp3(random, maxDepth)));
    }
    return entries;
  }

  private static double randomDouble(SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> Double.POSITIVE_INFINITY;
      case 1 -> Double.NaN; // a record compares doubles by their bits, so NaN equals NaN
      case 2 -> random.nextInt(1000) / 10.0;
      default -> random.nextDouble(-1e6, 1e6);
    };
  }

  private static String text(SplittableRandom random) {
    String alphabet = "abc XYZ*$:é€😀";
    int[] points = alphabet.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }

  private static Bytes bytes(SplittableRandom random) {
    byte[] bytes = new byte[Corpus.randomLength(random)];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
