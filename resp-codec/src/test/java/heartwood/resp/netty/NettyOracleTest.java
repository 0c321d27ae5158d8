package heartwood.resp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Bytes;
import heartwood.resp.Reply;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What netty-codec-redis can read, we read alike: seeded random streams through both. */
class NettyOracleTest {
  @Test
  void requestsAreReadAlike() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 300; i++) {
      ByteBuf stream = Unpooled.buffer();
      for (int request = random.nextInt(1, 5); request > 0; request--) {
        List<Bytes> arguments = Corpus.randomRequest(random);
        RequestEncoder.encode(stream, arguments.stream().map(Bytes::toArray).toList());
      }
      byte[] bytes = ByteBufUtil.getBytes(stream);
      int[] cuts = random.ints(random.nextInt(6), 0, bytes.length + 1).sorted().toArray();

      List<Reply> expected = throughNetty(bytes, cuts);
      Decoded decoded = Decoded.inPieces(bytes, cuts);

      assertThat(decoded.bytesLeft()).isZero();
      assertThat(decoded.requests().stream().map(NettyOracleTest::asArray)).isEqualTo(expected);
    }
  }

  @Test
  void repliesOfTheFirstVersionAreReadAlike() {
    SplittableRandom random = new SplittableRandom(12);
    for (int i = 0; i < 300; i++) {
      ByteBuf stream = Unpooled.buffer();
      ReplyWriter writer = new ReplyWriter(stream, RespVersion.RESP2);
      for (int reply = random.nextInt(1, 5); reply > 0; reply--) {
        writer.write(RandomReplies.resp2(random, 4));
      }
      byte[] bytes = ByteBufUtil.getBytes(stream);
      int[] cuts = random.ints(random.nextInt(6), 0, bytes.length + 1).sorted().toArray();

      assertThat(ReplyDecoderTest.inPieces(new ReplyDecoder(), bytes, cuts))
          .isEqualTo(throughNetty(bytes, cuts));
    }
  }

  private static Reply asArray(List<Bytes> arguments) {
    return new Reply.Array(arguments.stream().<Reply>map(Reply.BulkString::new).toList());
  }

  private static List<Reply> throughNetty(byte[] stream, int... cuts) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new RedisDecoder(),
            new RedisBulkStringAggregator(),
            new RedisArrayAggregator(1 << 16, 64));
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : stream.length;
      channel.writeInbound(Unpooled.copiedBuffer(stream, from, to - from));
      from = to;
    }
    List<Reply> replies = new ArrayList<>();
    for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
      replies.add(asReply(message));
      ReferenceCountUtil.release(message);
    }
    channel.finishAndReleaseAll();
    return replies;
  }

  private static Reply asReply(Object message) {
    if (message instanceof SimpleStringRedisMessage simple) {
      return new Reply.SimpleString(simple.content());
    }
    if (message instanceof ErrorRedisMessage error) {
      return new Reply.SimpleError(error.content());
    }
    if (message instanceof IntegerRedisMessage integer) {
      return new Reply.IntegerReply(integer.value());
    }
    if (message instanceof FullBulkStringRedisMessage bulk) {
      return bulk.isNull()
          ? Reply.Null.BULK
          : new Reply.BulkString(Bytes.wrap(ByteBufUtil.getBytes(bulk.content())));
    }
    if (message instanceof ArrayRedisMessage array) {
      return array.isNull()
          ? Reply.Null.ARRAY
          : new Reply.Array(array.children().stream().map(NettyOracleTest::asReply).toList());
    }
    throw new AssertionError(message);
  }
}
