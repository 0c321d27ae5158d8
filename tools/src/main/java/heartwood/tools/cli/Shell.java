package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.Reply;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Executes commands and writes their replies, one after the other. Confined. */
final class Shell {
  private static final double SLOW_SECONDS = 0.5;
  private static final Set<String> ENDLESS = Set.of("subscribe", "psubscribe", "ssubscribe");

  private final RedisClient client;
  private final OutputForm form;
  private final PrintStream out;

  /** Whether people watch: then slow commands show their time. */
  private final boolean isInteractive;

  Shell(RedisClient client, OutputForm form, PrintStream out, boolean isInteractive) {
    this.client = client;
    this.form = form;
    this.out = out;
    this.isInteractive = isInteractive;
  }

  /**
   * Executes one command.
   *
   * @return {@link ExitCode#FAILED} if there was no reply, or with {@code isStrict} an error
   */
  int execute(List<byte[]> words, boolean isStrict) {
    long startNanos = System.nanoTime();
    try {
      Reply reply = client.call(words);
      boolean isError = reply instanceof Reply.SimpleError || reply instanceof Reply.BulkError;
      if (isError && isStrict) {
        System.err.print(new String(OutputForm.RAW.format(reply), UTF_8).stripTrailing() + "\n");
        return ExitCode.FAILED;
      }
      print(reply);
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      if (isInteractive && seconds >= SLOW_SECONDS) {
        out.printf(Locale.ROOT, "(%.2fs)%n", seconds);
      }
      if (!isError) {
        remember(words);
        listen(words);
      }
      return ExitCode.OK;
    } catch (IOException e) {
      tellLost(e);
      return ExitCode.FAILED;
    } finally {
      out.flush();
    }
  }

  /** Reads commands from a pipe, a line each, to its end. */
  int executeLines(boolean isStrict) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    int exitCode = ExitCode.OK;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      List<byte[]> words = CommandWords.split(line);
      if (words == null) {
        out.println("Invalid argument(s)");
        exitCode = ExitCode.FAILED;
      } else if (isEnd(words)) {
        break;
      } else if (!words.isEmpty()) {
        int result = execute(words, isStrict);
        if (result != ExitCode.OK) {
          exitCode = result;
        }
      }
    }
    return exitCode;
  }

  /** Whether the words ask the client to end. */
  static boolean isEnd(List<byte[]> words) {
    String first = first(words);
    return words.size() == 1 && (first.equals("quit") || first.equals("exit"));
  }

  void print(Reply reply) {
    out.writeBytes(form.format(reply));
  }

  void tellLost(IOException e) {
    String address = client.options().address();
    System.err.println("Could not talk to " + address + ": " + reason(e));
  }

  private static @Nullable String reason(IOException e) {
    return e instanceof java.net.SocketTimeoutException ? "no answer in time" : e.getMessage();
  }

  private void remember(List<byte[]> words) {
    if (words.size() == 2 && first(words).equals("select")) {
      client.rememberDatabase(Integer.parseInt(new String(words.get(1), UTF_8)));
    }
  }

  /** After SUBSCRIBE or MONITOR: whatever comes, until the connection or the user ends it. */
  private void listen(List<byte[]> words) throws IOException {
    String first = first(words);
    if (!ENDLESS.contains(first) && !first.equals("monitor")) {
      return;
    }
    if (isInteractive) {
      out.println("Reading messages... (press Ctrl-C to quit)");
    }
    while (true) {
      out.flush();
      print(client.read());
    }
  }

  private static String first(List<byte[]> words) {
    return words.isEmpty() ? "" : new String(words.get(0), UTF_8).toLowerCase(Locale.ROOT);
  }
}
