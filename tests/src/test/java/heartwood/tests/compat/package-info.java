/** Redis' own tools and the usual client libraries against a cluster of real processes. */
package heartwood.tests.compat;
