package heartwood.resp.netty;

import heartwood.resp.Request;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Locale;

/**
 * Nanoseconds per request: a small SET decoded, decoded and copied out, and answered; typed as a
 * line; and over the two kinds of buffer. A quick look, with warm-up and the best of several runs:
 *
 * <pre>
 *   mvn -q -pl resp-codec test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 *   cd resp-codec
 *   java -cp target/classes:target/test-classes:$(cat target/classpath) heartwood.resp.netty.RespDecoderBenchmark
 * </pre>
 */
final class RespDecoderBenchmark {
  private static final int REQUESTS = 200;
  private static final int ROUNDS = 20_000;
  private static final int RUNS = 7;

  private static long sink;

  private RespDecoderBenchmark() {}

  public static void main(String[] arguments) {
    for (boolean isDirect : new boolean[] {true, false}) {
      String kind = isDirect ? "direct buffer" : "heap buffer";
      String value = "v".repeat(100);
      measure(
          kind + ", SET key value(100), decode",
          multiBulk(isDirect, "SET", "key:000000012345", value),
          false);
      measure(
          kind + ", SET key value(100), decode and copy",
          multiBulk(isDirect, "SET", "key:000000012345", value),
          true);
      measure(kind + ", SET k v, decode", multiBulk(isDirect, "SET", "k", "v"), false);
      measure(kind + ", GET key, decode", multiBulk(isDirect, "GET", "key:000000012345"), false);
      measure(kind + ", inline PING, decode", inline(isDirect, "PING"), false);
      measureReplies(kind, buffer(isDirect));
    }
  }

  private static void measure(String name, ByteBuf stream, boolean isCopied) {
    RespDecoder decoder = new RespDecoder(FrameLimits.DEFAULT, true);
    byte[] target = new byte[1024];
    report(
        name,
        () -> {
          stream.readerIndex(0);
          while (decoder.decode(stream)) {
            Request request = decoder.request();
            sink += request.count();
            if (isCopied) {
              int offset = 0;
              for (int i = 0; i < request.count(); i++) {
                request.copyTo(i, target, offset);
                offset += request.length(i);
              }
            }
          }
        });
  }

  private static void measureReplies(String kind, ByteBuf out) {
    ByteBufReplySink replies = new ByteBufReplySink(out, RespVersion.RESP2);
    byte[] value = new byte[100];
    report(
        kind + ", reply OK",
        () -> {
          out.clear();
          for (int i = 0; i < REQUESTS; i++) {
            replies.ok();
          }
        });
    report(
        kind + ", reply integer",
        () -> {
          out.clear();
          for (int i = 0; i < REQUESTS; i++) {
            replies.integer(i);
          }
        });
    report(
        kind + ", reply bulk(100)",
        () -> {
          out.clear();
          for (int i = 0; i < REQUESTS; i++) {
            replies.bulk(value);
          }
        });
    report(
        kind + ", reply double 0.1 .. 19.9",
        () -> {
          out.clear();
          for (int i = 0; i < REQUESTS; i++) {
            replies.doubleValue(i / 10.0);
          }
        });
  }

  private static void report(String name, Runnable round) {
    long best = Long.MAX_VALUE;
    for (int run = 0; run < RUNS; run++) {
      long begin = System.nanoTime();
      for (int i = 0; i < ROUNDS; i++) {
        round.run();
      }
      best = Math.min(best, System.nanoTime() - begin);
    }
    double nanos = (double) best / ROUNDS / REQUESTS;
    System.out.println(String.format(Locale.ROOT, "%6.1f ns  %s", nanos, name));
  }

  private static ByteBuf multiBulk(boolean isDirect, String... arguments) {
    ByteBuf stream = buffer(isDirect);
    for (int i = 0; i < REQUESTS; i++) {
      RequestEncoder.encode(stream, arguments);
    }
    return stream;
  }

  private static ByteBuf inline(boolean isDirect, String line) {
    ByteBuf stream = buffer(isDirect);
    for (int i = 0; i < REQUESTS; i++) {
      stream.writeBytes(Decoded.latin1(line + "\r\n"));
    }
    return stream;
  }

  private static ByteBuf buffer(boolean isDirect) {
    PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    return isDirect ? allocator.directBuffer(1 << 16) : allocator.heapBuffer(1 << 16);
  }
}
