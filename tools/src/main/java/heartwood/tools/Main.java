package heartwood.tools;

import heartwood.server.StartException;
import heartwood.tools.cli.CliCommand;
import heartwood.tools.cluster.ClusterCommand;
import heartwood.tools.cluster.RecoverCommand;
import heartwood.tools.cluster.StatusCommand;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import heartwood.tools.node.DemoCommand;
import heartwood.tools.node.ServerCommand;
import heartwood.tools.node.VerifyCommand;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code heartwood} command. Confined to the main thread. */
@Command(
    name = "heartwood",
    description = "A Redis-protocol server that does not lose acknowledged writes.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      DemoCommand.class,
      ClusterCommand.class,
      StatusCommand.class,
      RecoverCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 ok, 1 failed, 2 usage, 3 cluster unhealthy.",
      "To begin with: heartwood demo"
    })
public final class Main implements Runnable {
  /** What runs the whole server stands above this module: found, not imported. */
  private static final String SIMULATE = "heartwood.tests.simulation.SimulateCommand";

  private static final String CHAOS = "heartwood.tests.chaos.ChaosCommand";

  @Spec private @Nullable CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine main = new CommandLine(new Main());
    main.addSubcommand("server", server(new ServerCommand()));
    main.addSubcommand("verify", server(new VerifyCommand()));
    main.addSubcommand("cli", cli());
    addIfPresent(main, SIMULATE);
    addIfPresent(main, CHAOS);
    main.addSubcommand("completion", new CompletionCommand());
    main.setExpandAtFiles(false);
    main.setParameterExceptionHandler(Main::onUsage);
    main.setExecutionExceptionHandler(Main::onFailure);
    return main;
  }

  private static void addIfPresent(CommandLine main, String className) {
    try {
      main.addSubcommand(new CommandLine(Class.forName(className)));
    } catch (ClassNotFoundException e) {
      // A distribution without the tests does not have the command.
      return;
    }
  }

  /**
   * The words of a command are not ours to interpret; an option that is repeated holds as said
   * last.
   */
  private static CommandLine cli() {
    CommandLine cli = new CommandLine(new CliCommand());
    return cli.setStopAtPositional(true).setOverwrittenOptionsAllowed(true);
  }

  /** Directives are not ours to interpret. */
  private static CommandLine server(Object command) {
    CommandLine server = new CommandLine(command);
    server.setUnmatchedOptionsArePositionalParams(true);
    return server;
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "what to do? Begin with heartwood demo.");
  }

  private static int onUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("heartwood: " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  private static int onFailure(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (e instanceof Failure failure) {
      err.println("heartwood: " + failure.getMessage());
      return failure.exitCode();
    }
    if (e instanceof StartException) {
      err.println("heartwood: " + e.getMessage());
    } else {
      e.printStackTrace(err);
    }
    return ExitCode.FAILED;
  }

  /** The version in the jar's manifest, and the JVM. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "heartwood " + (version == null ? "(not from a jar)" : version),
        "Java " + System.getProperty("java.version") + ", " + System.getProperty("java.vm.name")
      };
    }
  }
}
