package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.tools.client.ClientOptions;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import heartwood.tools.console.Terminals;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heartwood cli}: the options of redis-cli, then a command; without one, a prompt. */
@Command(
    name = "cli",
    description = "A client for the terminal, with the options of redis-cli.",
    footer = {
      "",
      "Without a command: a prompt at a terminal, else commands from standard input, a line each.",
      "An error of the server is printed and is no failure of the client, unless -e is given."
    })
public final class CliCommand implements Callable<Integer> {
  @Option(names = "-h", paramLabel = "HOST", description = "Host. Default: ${DEFAULT-VALUE}.")
  private String host = "127.0.0.1";

  @Option(names = "-p", paramLabel = "PORT", description = "Port. Default: ${DEFAULT-VALUE}.")
  private int port = 6379;

  @Option(
      names = {"-a", "--pass"},
      paramLabel = "PASSWORD",
      defaultValue = "${REDISCLI_AUTH:-}",
      description = "Password; or in the environment as REDISCLI_AUTH.")
  private String password = "";

  @Option(names = "--user", paramLabel = "NAME", description = "User; needs a password.")
  private String user = "";

  @Option(
      names = "-u",
      paramLabel = "URI",
      description = "redis://[[user]:password@]host[:port][/database]")
  private @Nullable String uri;

  @Option(names = "-n", paramLabel = "N", description = "Database.")
  private int database;

  @Option(names = "-3", description = "Speak RESP3.")
  private boolean isResp3;

  @Option(names = "-2", description = "Speak RESP2, the default.")
  private boolean isResp2;

  @Option(names = "-c", description = "Follow MOVED and ASK.")
  private boolean isFollowing;

  @Option(names = "-r", paramLabel = "N", description = "Run the command N times; -1: for ever.")
  private long repeat = 1;

  @Option(names = "-i", paramLabel = "SECONDS", description = "Pause between runs of -r.")
  private double intervalSeconds;

  @Option(names = "-t", paramLabel = "SECONDS", description = "Time for a reply; 0: no bound.")
  private double timeoutSeconds;

  @Option(names = "-x", description = "Take the last word of the command from standard input.")
  private boolean isLastFromInput;

  @Option(names = "-e", description = "Exit with 1 when the server answers with an error.")
  private boolean isStrict;

  @Option(names = "--raw", description = "The bytes alone; the default unless at a terminal.")
  private boolean isRaw;

  @Option(names = "--no-raw", description = "Formatted for people, though not at a terminal.")
  private boolean isNotRaw;

  @Option(names = "--json", description = "JSON, over RESP3 unless -2 is given.")
  private boolean isJson;

  @Option(names = "--no-auth-warning", description = "Accepted; there is no such warning.")
  private boolean isQuiet;

  @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
  private boolean isHelp;

  @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "A command and its words.")
  private List<String> command = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean isTerminal = Terminals.isOutput();
    PrintStream out = standardOutput();
    // At a terminal each line may be read by somebody; on a pipe redirects are not part of the
    // data.
    boolean tells = isTerminal && !isJson;
    RedisClient client =
        new RedisClient(
            options(),
            notice -> {
              if (tells || !notice.startsWith("->")) {
                System.err.println(notice);
              }
            },
            push -> {});
    try (client) {
      if (command.isEmpty() && isTerminal && Terminals.isInput()) {
        return new LineEditor(client, form(true)).run();
      }
      Shell shell = new Shell(client, form(isTerminal), out, false);
      if (command.isEmpty()) {
        client.connect();
        return shell.executeLines(isStrict);
      }
      return repeat(shell);
    } catch (IOException e) {
      throw Failure.failed(
          "could not connect to " + client.options().address() + ": " + e.getMessage());
    } finally {
      out.flush();
    }
  }

  private int repeat(Shell shell) throws IOException, InterruptedException {
    List<byte[]> words =
        new ArrayList<>(command.stream().map(word -> word.getBytes(UTF_8)).toList());
    if (isLastFromInput) {
      words.add(System.in.readAllBytes());
    }
    for (long run = 0; run != repeat; run++) {
      int result = shell.execute(words, isStrict);
      if (result != ExitCode.OK) {
        return result;
      }
      Thread.sleep((long) (intervalSeconds * 1000));
    }
    return ExitCode.OK;
  }

  private OutputForm form(boolean isTerminal) {
    if (isJson) {
      return OutputForm.JSON;
    }
    return isRaw || !isTerminal && !isNotRaw ? OutputForm.RAW : OutputForm.PRETTY;
  }

  private ClientOptions options() {
    Duration timeout = Duration.ofMillis((long) (timeoutSeconds * 1000));
    ClientOptions options =
        new ClientOptions(
            host,
            port,
            user,
            password,
            database,
            isResp3 || isJson && !isResp2,
            isFollowing,
            Duration.ofSeconds(5),
            timeout);
    return uri == null ? options : ofUri(uri, options);
  }

  private static ClientOptions ofUri(String text, ClientOptions defaults) {
    URI uri;
    int database = defaults.database();
    try {
      uri = new URI(text);
      String path = uri.getPath() == null ? "" : uri.getPath();
      if (path.length() > 1) {
        database = Integer.parseInt(path.substring(1));
      }
    } catch (URISyntaxException | NumberFormatException e) {
      throw Failure.usage("-u '" + text + "': " + e.getMessage());
    }
    if (!"redis".equals(uri.getScheme())) {
      throw Failure.usage("-u '" + text + "': begins with redis://; there is no TLS yet");
    }
    String login = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
    int colon = login.indexOf(':');
    return new ClientOptions(
        uri.getHost() == null ? defaults.host() : uri.getHost(),
        uri.getPort() < 0 ? defaults.port() : uri.getPort(),
        colon < 0 ? defaults.user() : URLDecoder.decode(login.substring(0, colon), UTF_8),
        login.isEmpty()
            ? defaults.password()
            : URLDecoder.decode(login.substring(colon + 1), UTF_8),
        database,
        defaults.isResp3(),
        defaults.isFollowing(),
        defaults.connectTimeout(),
        defaults.readTimeout());
  }

  /** System.out encodes text; replies are bytes, and many. */
  private static PrintStream standardOutput() {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, UTF_8);
  }
}
