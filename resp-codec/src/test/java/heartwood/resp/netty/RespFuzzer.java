package heartwood.resp.netty;

import heartwood.resp.Bytes;
import heartwood.resp.ProtocolException;
import heartwood.resp.Reply;
import heartwood.resp.Request;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Feeds both decoders streams that were valid and then damaged, cut at random, and checks that
 *
 * <ul>
 *   <li>nothing but {@link ProtocolException} is thrown,
 *   <li>each call either takes bytes, or gives a result, or ends the turn,
 *   <li>no more bytes come out than went in, and the memory asked for is in proportion to them,
 *   <li>the same bytes in one piece give the same.
 * </ul>
 *
 * <p>One number, the seed of a case, decides all of it. As a program: {@code RespFuzzer SECONDS
 * [SEED]}; as a test: {@link RespFuzzerTest}.
 */
final class RespFuzzer {
  private static final long ALLOCATED_PER_BYTE = 500;
  private static final long ALLOCATED_IN_ANY_CASE = 200_000;

  private static final FrameLimits NARROW = new FrameLimits(200, 60, 3_000, 6_000, 10, 100);
  private static final String SPICE = "*$+-:_#,(!=%~>|\r\n\"'\\x0123456789 \0";
  private static final List<String> HEADERS =
      List.of(
          "*-1\r\n", "*60\r\n", "*1048576\r\n", "$2147483647\r\n", "$-1\r\n", "*1\r\n$3000\r\n");

  private final SplittableRandom random;

  private RespFuzzer(long seed) {
    random = new SplittableRandom(seed);
  }

  public static void main(String[] arguments) {
    long seconds = Long.parseLong(arguments[0]);
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    System.out.println(runFor(seconds, seed) + " cases, first seed " + seed);
  }

  /** Runs one case after another, seeds ascending, and returns how many there were. */
  static long runFor(long seconds, long firstSeed) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    long seed = firstSeed;
    while (System.nanoTime() - deadline < 0) {
      run(seed++);
    }
    return seed - firstSeed;
  }

  /** Runs the case of a seed; an error names it. */
  static void run(long seed) {
    try {
      new RespFuzzer(seed).runCase();
    } catch (RuntimeException | AssertionError | StackOverflowError failure) {
      throw new AssertionError("RespFuzzer.run(" + seed + "L)", failure);
    }
  }

  private void runCase() {
    byte[] requests = damage(requests());
    FrameLimits limits = random.nextBoolean() ? NARROW : FrameLimits.DEFAULT;
    boolean isAuthenticated = random.nextInt(4) != 0;
    requireEqual(
        decodeRequests(limits, isAuthenticated, requests),
        decodeRequests(limits, isAuthenticated, requests, cuts(requests.length)));

    byte[] replies = damage(replies());
    requireEqual(decodeReplies(replies), decodeReplies(replies, cuts(replies.length)));
  }

  // ---- Streams.

  private byte[] requests() {
    ByteBuf stream = Unpooled.buffer();
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      if (random.nextInt(3) == 0) {
        stream.writeBytes(Decoded.latin1(pick(Corpus.VALID).substring(0, 4)));
        stream.writeBytes(Decoded.latin1("\r\nSET \"a\\x0" + random.nextInt(12) + "\" 'b c'\r\n"));
      } else {
        List<byte[]> arguments = new ArrayList<>();
        for (int j = random.nextInt(1, 14); j > 0; j--) {
          arguments.add(new byte[random.nextInt(random.nextInt(8) == 0 ? 400 : 12)]);
          random.nextBytes(arguments.get(arguments.size() - 1));
        }
        RequestEncoder.encode(stream, arguments);
      }
    }
    return ByteBufUtil.getBytes(stream);
  }

  private byte[] replies() {
    ByteBuf stream = Unpooled.buffer();
    ReplyWriter writer = new ReplyWriter(stream, RespVersion.RESP3);
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      writer.write(RandomReplies.resp3(random, 3));
    }
    return ByteBufUtil.getBytes(stream, 0, Math.min(stream.readableBytes(), 8_000));
  }

  private byte[] damage(byte[] stream) {
    ByteBuf damaged = Unpooled.buffer().writeBytes(stream);
    for (int i = random.nextInt(4); i > 0 && damaged.isReadable(); i--) {
      int position = random.nextInt(damaged.readableBytes());
      switch (random.nextInt(6)) {
        case 0 -> damaged.setByte(position, random.nextInt(256));
        case 1 -> damaged.setByte(position, SPICE.charAt(random.nextInt(SPICE.length())));
        case 2 -> damaged.writerIndex(position);
        case 3 -> insert(damaged, position, Decoded.latin1(pick(HEADERS)));
        case 4 -> insert(damaged, position, ByteBufUtil.getBytes(damaged, 0, position));
        default -> insert(damaged, position, Decoded.latin1("7".repeat(random.nextInt(300))));
      }
    }
    return ByteBufUtil.getBytes(damaged);
  }

  private static void insert(ByteBuf stream, int position, byte[] bytes) {
    byte[] tail = ByteBufUtil.getBytes(stream, position, stream.readableBytes() - position);
    stream.writerIndex(position).writeBytes(bytes).writeBytes(tail);
  }

  private int[] cuts(int length) {
    return random.ints(random.nextInt(12), 0, length + 1).sorted().toArray();
  }

  private String pick(List<String> texts) {
    return texts.get(random.nextInt(texts.size()));
  }

  // ---- Decoding, under watch.

  /** What came out, and how it ended. */
  private record Outcome(List<Object> results, String end) {}

  private interface Decoder {
    /** One call; adds its result, or returns false. */
    boolean decode(ByteBuf in, List<Object> results);
  }

  private static Outcome decodeRequests(
      FrameLimits limits, boolean isAuthenticated, byte[] stream, int... cuts) {
    RespDecoder decoder = new RespDecoder(limits, isAuthenticated);
    return decode(
        (in, results) -> {
          if (!decoder.decode(in)) {
            require(decoder.bytesWanted() > 0, "no bytes wanted");
            return false;
          }
          Request request = decoder.request();
          require(request.count() > 0, "no argument");
          results.add(Decoded.arguments(request));
          return true;
        },
        stream,
        cuts);
  }

  private static Outcome decodeReplies(byte[] stream, int... cuts) {
    ReplyDecoder decoder = new ReplyDecoder(8, 1 << 20);
    return decode(
        (in, results) -> {
          Reply reply = decoder.decode(in);
          return reply != null && results.add(reply);
        },
        stream,
        cuts);
  }

  private static Outcome decode(Decoder decoder, byte[] stream, int... cuts) {
    List<Object> results = new ArrayList<>();
    AtomicReference<String> end = new AtomicReference<>("");
    long allocated = Allocation.bytesOf(() -> end.set(decodeInto(results, decoder, stream, cuts)));
    long bound = ALLOCATED_IN_ANY_CASE + ALLOCATED_PER_BYTE * stream.length;
    require(allocated <= bound, "allocated " + allocated + " for " + stream.length + " bytes");
    return new Outcome(results, String.valueOf(end.get()));
  }

  private static String decodeInto(
      List<Object> results, Decoder decoder, byte[] stream, int... cuts) {
    ByteBuf cumulation = Unpooled.buffer(16);
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : stream.length;
      cumulation.writeBytes(stream, from, to - from);
      from = to;
      try {
        int before = cumulation.readerIndex();
        while (decoder.decode(cumulation, results)) {
          require(cumulation.readerIndex() > before, "a result that took no byte");
          before = cumulation.readerIndex();
        }
      } catch (ProtocolException fault) {
        return String.valueOf(fault.getMessage());
      }
      cumulation.discardReadBytes();
    }
    require(bytesIn(results) <= stream.length, "more bytes came out than went in");
    return "";
  }

  private static long bytesIn(List<?> results) {
    long bytes = 0;
    for (Object result : results) {
      if (result instanceof List<?> list) {
        bytes += bytesIn(list);
      } else if (result instanceof Bytes argument) {
        bytes += argument.length();
      }
    }
    return bytes;
  }

  private static void requireEqual(Outcome whole, Outcome pieces) {
    require(whole.equals(pieces), "whole: " + whole + "\npieces: " + pieces);
  }

  private static void require(boolean condition, String text) {
    if (!condition) {
      throw new AssertionError(text);
    }
  }
}
