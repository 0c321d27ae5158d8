package heartwood.tools.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that logs in, connects again when the connection is gone, and follows redirects if told
 * to. A request that may have reached a server is never sent a second time by itself: it might be
 * executed twice. Confined.
 */
public final class RedisClient implements AutoCloseable {
  private static final int MAX_REDIRECTS = 16;

  /** A connection that was used within this time is not asked whether it still stands. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Consumer<String> onNotice;
  private final Consumer<Reply.Push> onPush;
  private ClientOptions options;
  private @Nullable RespConnection connection;
  private long lastUsedNanos;

  /**
   * @param onNotice hears of failed logins and of redirects
   */
  public RedisClient(
      ClientOptions options, Consumer<String> onNotice, Consumer<Reply.Push> onPush) {
    this.options = options;
    this.onNotice = onNotice;
    this.onPush = onPush;
  }

  /** A client that says nothing. */
  public RedisClient(ClientOptions options) {
    this(options, notice -> {}, push -> {});
  }

  /** The present options: redirects change the address, SELECT the database. */
  public ClientOptions options() {
    return options;
  }

  public boolean isConnected() {
    return connection != null;
  }

  /** Connects if there is no connection. */
  public void connect() throws IOException {
    ready();
  }

  /** Sends a command and waits for its reply. */
  public Reply call(String... words) throws IOException {
    return call(Arrays.stream(words).map(word -> word.getBytes(UTF_8)).toList());
  }

  /** Sends a command and waits for its reply. */
  public Reply call(List<byte[]> words) throws IOException {
    boolean isAsking = false;
    for (int hops = 0; ; hops++) {
      RespConnection present = ready();
      Reply reply;
      try {
        if (isAsking) {
          exchange(present, List.of("ASKING".getBytes(UTF_8)));
        }
        reply = exchange(present, words);
      } catch (IOException e) {
        close();
        throw e;
      }
      Redirect redirect = options.isFollowing() ? Redirect.of(reply, options.host()) : null;
      if (redirect == null || hops == MAX_REDIRECTS) {
        return reply;
      }
      isAsking = redirect.isAsk();
      follow(redirect);
    }
  }

  /** Waits for what comes next without a request: messages of a subscription, lines of MONITOR. */
  public Reply read() throws IOException {
    return ready().read();
  }

  /** What SELECT has chosen; a new connection chooses it again. */
  public void rememberDatabase(int database) {
    options = options.withDatabase(database);
  }

  private void follow(Redirect redirect) {
    ClientOptions target = options.at(redirect.host(), redirect.port());
    onNotice.accept(
        "-> Redirected to slot [" + redirect.slot() + "] located at " + target.address());
    close();
    options = target;
  }

  private RespConnection ready() throws IOException {
    boolean isFresh = System.nanoTime() - lastUsedNanos < FRESH_NANOS;
    if (connection != null && !isFresh && connection.isStale()) {
      close();
    }
    if (connection == null) {
      RespConnection fresh =
          RespConnection.open(
              options.host(), options.port(), options.connectTimeout(), options.readTimeout());
      try {
        logIn(fresh);
      } catch (IOException e) {
        fresh.close();
        throw e;
      }
      connection = fresh;
    }
    return connection;
  }

  private void logIn(RespConnection fresh) throws IOException {
    if (!options.password().isEmpty()) {
      List<String> auth = new ArrayList<>(List.of("AUTH"));
      if (!options.user().isEmpty()) {
        auth.add(options.user());
      }
      auth.add(options.password());
      require(fresh, "AUTH failed: ", auth);
    }
    if (options.isResp3()) {
      require(fresh, "HELLO 3 failed: ", List.of("HELLO", "3"));
    }
    if (options.database() != 0) {
      String database = String.valueOf(options.database());
      require(fresh, "SELECT " + database + " failed: ", List.of("SELECT", database));
    }
  }

  /** A refusal is told, and the connection kept, as redis-cli does: the next command will tell. */
  private void require(RespConnection fresh, String notice, List<String> words) throws IOException {
    Reply reply = exchange(fresh, words.stream().map(word -> word.getBytes(UTF_8)).toList());
    if (reply instanceof Reply.SimpleError error) {
      onNotice.accept(notice + error.message());
    }
  }

  private Reply exchange(RespConnection present, List<byte[]> words) throws IOException {
    present.send(words);
    lastUsedNanos = System.nanoTime();
    Reply reply = present.read();
    while (reply instanceof Reply.Push push && !isSubscription(words)) {
      onPush.accept(push);
      reply = present.read();
    }
    return reply;
  }

  /** In RESP3 SUBSCRIBE and its kind are answered by pushes and nothing else. */
  private static boolean isSubscription(List<byte[]> words) {
    return new String(words.get(0), UTF_8).toLowerCase(Locale.ROOT).endsWith("subscribe");
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
