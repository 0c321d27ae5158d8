package heartwood.tests.simulation;

import java.util.function.Supplier;

/**
 * Something that must hold did not. An error, so that no handler of the code under test takes it
 * for its own.
 */
public final class SimulationFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  public SimulationFailure(String message) {
    super(message);
  }

  public SimulationFailure(String message, Throwable cause) {
    super(message, cause);
  }

  static void require(boolean holds, String fact) {
    if (!holds) {
      throw new SimulationFailure(fact);
    }
  }

  /** What is looked at in every step is put into words only when it does not hold. */
  static void require(boolean holds, Supplier<String> fact) {
    if (!holds) {
      throw new SimulationFailure(fact.get());
    }
  }
}
