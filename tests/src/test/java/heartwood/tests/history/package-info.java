/** The judge of histories, judged. */
@NullMarked
package heartwood.tests.history;

import org.jspecify.annotations.NullMarked;
