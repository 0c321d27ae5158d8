/** The walls between packages, as tests. */
package heartwood.tests.architecture;
