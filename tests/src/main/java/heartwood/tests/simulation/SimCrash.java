package heartwood.tests.simulation;

/** The process dies in the middle of what it was doing. Unwinds to the executor that ran it. */
final class SimCrash extends Error {
  private static final long serialVersionUID = 1L;

  SimCrash() {
    super("simulated crash", null, false, false);
  }
}
