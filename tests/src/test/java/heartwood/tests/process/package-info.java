/** Tests over processes: what a cluster promises while its nodes are killed, paused and started. */
package heartwood.tests.process;
