/** Tests of the breaks that the simulation must notice. */
@NullMarked
package heartwood.tests.simulation.mutation;

import org.jspecify.annotations.NullMarked;
