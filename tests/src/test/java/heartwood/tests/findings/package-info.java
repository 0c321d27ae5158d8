/**
 * What others found the hard way and what the papers ask for, as tables that name the tests of it:
 * {@code findings.txt} and {@code paper.txt} among the test resources.
 */
@NullMarked
package heartwood.tests.findings;

import org.jspecify.annotations.NullMarked;
