/** The parts of {@code heartwood chaos}, and one short run of the whole. */
@NullMarked
package heartwood.tests.chaos;

import org.jspecify.annotations.NullMarked;
