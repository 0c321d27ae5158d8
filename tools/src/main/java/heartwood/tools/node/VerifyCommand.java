package heartwood.tools.node;

import heartwood.server.DataCheck;
import heartwood.server.StartException;
import heartwood.server.config.ConfigException;
import heartwood.server.config.ConfigReader;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code heartwood verify}: reads the data of a node that does not run. */
@Command(
    name = "verify",
    description = "Reads a node's log and state through, while it does not run.",
    customSynopsis = "heartwood verify [CONFIG] [--dir DIR]",
    footer = {
      "",
      "Exits with 1 if something is damaged or missing. What every start tidies up, it does too."
    })
public final class VerifyCommand implements Callable<Integer> {
  /** As the server's: the directory stands in its configuration. */
  @Parameters(arity = "0..*")
  private List<String> arguments = List.of();

  @Override
  public Integer call() {
    try {
      boolean isSound = DataCheck.run(ConfigReader.read(arguments), System.out::println);
      System.out.println(isSound ? "ok." : "damaged.");
      return isSound ? ExitCode.OK : ExitCode.FAILED;
    } catch (ConfigException e) {
      throw Failure.usage(e.reason());
    } catch (StartException e) {
      throw Failure.failed(String.valueOf(e.getMessage()));
    }
  }
}
