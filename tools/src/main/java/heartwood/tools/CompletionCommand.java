package heartwood.tools;

import heartwood.tools.console.ExitCode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code heartwood completion}: a script that teaches bash and zsh this command. */
@Command(
    name = "completion",
    description = "Prints a completion script: source <(heartwood completion).",
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec != null) {
      System.out.print(AutoComplete.bash("heartwood", spec.root().commandLine()));
    }
    return ExitCode.OK;
  }
}
