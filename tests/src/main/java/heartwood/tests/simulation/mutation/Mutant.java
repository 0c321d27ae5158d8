package heartwood.tests.simulation.mutation;

/**
 * One deliberate break of the product. Immutable.
 *
 * @param name short, for the command line and the table
 * @param sourceFile below the root of the repository
 * @param snippet stands in the source exactly once
 * @param replacement what stands there instead
 * @param mode of the simulation that should notice
 */
public record Mutant(
    String name, String sourceFile, String snippet, String replacement, Mode mode) {
  /** Which simulation is run. */
  public enum Mode {
    /** The consensus alone, over a state of a few registers. */
    CORE("core"),
    /** The node with its commands, its store and its clients. */
    NODE("node");

    private final String word;

    Mode(String word) {
      this.word = word;
    }

    /** As the command line has it. */
    String word() {
      return word;
    }
  }

  /**
   * The source with the break in it.
   *
   * @throws IllegalStateException when the source has changed, and the break must be written anew
   */
  String breakIn(String source) {
    int at = source.indexOf(snippet);
    if (at < 0 || source.indexOf(snippet, at + 1) >= 0) {
      throw new IllegalStateException(
          name
              + ": "
              + sourceFile
              + " has this snippet "
              + (at < 0 ? "nowhere" : "twice")
              + " (expected: once):\n"
              + snippet);
    }
    return source.substring(0, at) + replacement + source.substring(at + snippet.length());
  }
}
