package heartwood.tests.simulation.mutation;

import java.util.List;
import java.util.stream.Stream;

/** The breaks. Each is one that somebody could make, or has made elsewhere. Stateless. */
public final class Catalogue {
  /** All of them. */
  public static final List<Mutant> ALL =
      Stream.concat(CoreMutants.all().stream(), NodeMutants.all().stream()).toList();

  private Catalogue() {}
}
