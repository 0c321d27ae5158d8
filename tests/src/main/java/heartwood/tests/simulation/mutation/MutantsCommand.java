package heartwood.tests.simulation.mutation;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code heartwood simulate mutants}: for those who change the product or its simulation. */
@Command(
    name = "mutants",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Breaks the product on purpose and tells whether the simulation notices.")
public final class MutantsCommand implements Callable<Integer> {
  @Option(names = "--only", description = "Those whose name contains this.")
  private @Nullable String only;

  @Option(names = "--root", description = "Of the repository.", defaultValue = ".")
  private Path root = Path.of(".");

  @Option(names = "--seeds", description = "How many each must survive.", defaultValue = "5000")
  private long seeds = 5000;

  @Option(names = "--seconds", description = "How long each is simulated.", defaultValue = "120")
  private long seconds = 120;

  @Override
  public Integer call() {
    String wanted = only;
    List<Mutant> mutants =
        Catalogue.ALL.stream()
            .filter(mutant -> wanted == null || mutant.name().contains(wanted))
            .toList();
    MutantRun run = new MutantRun(root, seeds, seconds);
    int survivors = 0;
    for (Mutant mutant : mutants) {
      MutantRun.Verdict verdict = run.judge(mutant);
      survivors += verdict.isCaught() ? 0 : 1;
      System.out.println(verdict.line());
    }
    System.out.printf("%d mutants, %d survive%n", mutants.size(), survivors);
    return survivors == 0 ? 0 : 1;
  }
}
