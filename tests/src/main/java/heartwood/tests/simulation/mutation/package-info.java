/**
 * Breaks the product on purpose, to see whether the simulation notices: a simulation that never
 * fails may be one that never looks.
 *
 * <pre>
 *   Catalogue ──Mutant──► MutantCompiler ──classes──► MutantRun: a JVM that simulates seed 1, 2, …
 *                            │ one snippet of one source file, replaced                 │
 *                            └── gone from the source: a loud failure                   ▼
 *                                                                      MutantRun.Verdict: caught, at which seed
 * </pre>
 *
 * <p>Knows the product's sources as text and the simulation by its command line only. Begin with
 * {@link heartwood.tests.simulation.mutation.Catalogue}; run it with {@code heartwood simulate
 * mutants}.
 */
@NullMarked
package heartwood.tests.simulation.mutation;

import org.jspecify.annotations.NullMarked;
