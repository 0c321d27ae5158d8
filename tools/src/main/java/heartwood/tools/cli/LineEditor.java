package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.tools.client.RedisClient;
import heartwood.tools.console.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.InfoCmp.Capability;

/** The prompt at a terminal: history, completion, hints from COMMAND DOCS. Confined. */
public final class LineEditor {
  private final RedisClient client;
  private final OutputForm form;
  private DocHints hints = DocHints.NONE;

  LineEditor(RedisClient client, OutputForm form) {
    this.client = client;
    this.form = form;
  }

  /** Asks, executes and shows until the user has enough. */
  public static int run(RedisClient client) throws IOException {
    return new LineEditor(client, OutputForm.PRETTY).run();
  }

  int run() throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      LineReader reader = reader(terminal);
      PrintStream out = new PrintStream(terminal.output(), false, UTF_8);
      Shell shell = new Shell(client, form, out, true);
      try {
        client.connect();
        hints = DocHints.of(client.call("COMMAND", "DOCS"));
      } catch (IOException e) {
        shell.tellLost(e); // The prompt says so too, and each command tries again.
      }
      while (true) {
        List<byte[]> words;
        try {
          words = CommandWords.split(reader.readLine(prompt()));
        } catch (EndOfFileException | UserInterruptException e) {
          return ExitCode.OK;
        }
        if (words == null) {
          out.println("Invalid argument(s)");
          out.flush();
        } else if (Shell.isEnd(words)) {
          return ExitCode.OK;
        } else if (!words.isEmpty() && !isOurs(words, terminal, out)) {
          shell.execute(words, false);
        }
      }
    }
  }

  /** What the client itself answers: clear, help. */
  private boolean isOurs(List<byte[]> words, Terminal terminal, PrintStream out) {
    String line =
        String.join(" ", words.stream().map(word -> new String(word, UTF_8)).toList())
            .toLowerCase(Locale.ROOT);
    if (line.equals("clear")) {
      terminal.puts(Capability.clear_screen);
    } else if (line.equals("help")) {
      out.println("help COMMAND   what a command does and takes");
      out.println("clear          an empty screen");
      out.println("quit           the end; Ctrl-D too");
    } else if (line.startsWith("help ")) {
      String help = hints.help(line.substring("help ".length()));
      out.println(help == null ? "No such command." : help);
    } else {
      return false;
    }
    terminal.flush();
    out.flush();
    return true;
  }

  private String prompt() {
    if (!client.isConnected()) {
      return "not connected> ";
    }
    int database = client.options().database();
    return client.options().address() + (database == 0 ? "" : "[" + database + "]") + "> ";
  }

  private LineReader reader(Terminal terminal) {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("heartwood")
            .history(new SecretHistory())
            .variable(LineReader.HISTORY_FILE, historyFile())
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .completer(
                (at, line, candidates) ->
                    hints.names().stream()
                        .filter(name -> name.indexOf(' ') < 0 && line.wordIndex() == 0)
                        .forEach(name -> candidates.add(new Candidate(name))))
            .highlighter(new HintingHighlighter())
            .build();
    reader.setAutosuggestion(LineReader.SuggestionType.TAIL_TIP);
    return reader;
  }

  private static Path historyFile() {
    String home = System.getenv("HOME");
    return Path.of(home == null ? System.getProperty("user.home") : home, ".heartwood_history");
  }

  /** Is asked with every key that is typed, which is the moment to change the hint behind it. */
  private final class HintingHighlighter implements Highlighter {
    @Override
    public AttributedString highlight(LineReader reader, String buffer) {
      reader.setTailTip(buffer.isBlank() ? "" : hints.after(buffer));
      return new AttributedString(buffer);
    }

    @Override
    public void setErrorPattern(Pattern errorPattern) {
      // Nothing is an error before the server says so.
    }

    @Override
    public void setErrorIndex(int errorIndex) {
      // As above.
    }
  }

  /** Keeps no passwords. */
  private static final class SecretHistory extends DefaultHistory {
    private static final Pattern SECRET =
        Pattern.compile(
            "(?i)\\s*(auth\\b|hello\\b.*\\bauth\\b|acl\\s+setuser\\b|.*requirepass\\b).*");

    @Override
    public void add(Instant time, String line) {
      if (!SECRET.matcher(line).matches()) {
        super.add(time, line);
      }
    }
  }
}
