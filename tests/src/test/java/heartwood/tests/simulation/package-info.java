/** The simulator's own tests, and the seeds that once found something. */
@NullMarked
package heartwood.tests.simulation;

import org.jspecify.annotations.NullMarked;
