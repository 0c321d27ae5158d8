package heartwood.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.RespVersion;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Connection;
import heartwood.server.command.Moment;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutboxesTest {
  private final EventLoop loop = new DefaultEventLoop();
  private final Outboxes outboxes = new Outboxes();

  @SuppressWarnings("NullAway") // Nobody dispatches or forwards here.
  private final LoopContext context = new LoopContext(loop, null, null);

  private final Told first = new Told(context);
  private final Told second = new Told(context);

  @AfterEach
  void close() {
    loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** As where a row is damaged behind the head of an array: somebody else is told something. */
  @Test
  void whatWasBegunAndNotEndedIsNobodysReply() throws Exception {
    outboxes.begin(first, RespVersion.RESP2).integer(1);
    outboxes.end();
    outboxes.begin(first, RespVersion.RESP2).array(20); // And then its read failed.

    outboxes.begin(second, RespVersion.RESP2).error("UNCERTAIN");
    outboxes.end();
    outboxes.begin(first, RespVersion.RESP2).array(20); // Another one.
    outboxes.flush();

    loop.submit(() -> {}).get();
    assertThat(first.text).hasToString(":1\r\n");
    assertThat(second.text).hasToString("-UNCERTAIN\r\n");
  }

  /** A client that remembers what it was sent. */
  private static final class Told extends NettyClient {
    final StringBuilder text = new StringBuilder();
    private final LoopContext context;

    Told(LoopContext context) {
      this.context = context;
    }

    @Override
    LoopContext context() {
      return context;
    }

    @Override
    void send(byte[] bytes, int offset, int length, int count) {
      text.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    void flush() {}

    @Override
    void onDelivered() {}

    @Override
    public void resume() {}

    @Override
    public long id() {
      return 1;
    }

    @Override
    public Executor loop() {
      return context.loop();
    }

    @Override
    public Connection connection() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isAuthenticated() {
      return true;
    }

    @Override
    public @Nullable String refusal(CommandSpec spec, int argumentCount) {
      return null;
    }

    @Override
    public @Nullable Moment frozenAt() {
      return null;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public boolean isProxied() {
      return false;
    }

    @Override
    public boolean isForwarded() {
      return false;
    }

    @Override
    public boolean isGone() {
      return false;
    }

    @Override
    public boolean isSilent() {
      return false;
    }

    @Override
    public int database() {
      return 0;
    }

    @Override
    public RespVersion version() {
      return RespVersion.RESP2;
    }

    @Override
    public String address() {
      return "";
    }

    @Override
    public String name() {
      return "";
    }
  }
}
