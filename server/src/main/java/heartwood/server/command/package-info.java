/**
 * The Redis commands: one small file per family, one table that lists them all.
 *
 * <p><b>The table.</b> What a command is (id, arity, flags, keys, categories, documentation) stands
 * in the command files, {@code string.commands} and its neighbours among the resources. What it
 * does is registered by name. {@link heartwood.server.command.CommandTable} joins the two into
 * {@link heartwood.server.command.CommandSpec}s; arity checks, routing, key extraction and the
 * replies to COMMAND and HELP all follow from those. To add a command: describe it in its group's
 * file under a new id, add the id to {@code ids.txt} of the tests, write it, register it.
 *
 * <pre>
 *   Request ─► CommandTable.lookup ─► CommandSpec ─► refusal? ─► by kind:
 *                                                      WRITE       log ─► CommandExecutor ─► Keyspace
 *                                                      READ        ─────► CommandExecutor ─► Keyspace
 *                                                      AT          PastRead: a READ, as of a moment
 *                                                      CONNECTION  CommandSpec.run ─► Connection, ports
 * </pre>
 *
 * <p><b>The data families</b> ({@link heartwood.server.command.DataCommands}: strings, hashes,
 * keys) are functions of their {@link heartwood.server.command.Arguments} and the {@code Keyspace}
 * alone: no clock, no chance, no state of their own, so that every node computes the same.
 *
 * <p><b>The node families</b> ({@link heartwood.server.command.NodeCommands}: CLIENT, CLUSTER,
 * CONFIG, INFO and the like) are about one connection and one node. They see these through ports
 * that the network, the log and the storage implement, gathered in {@link
 * heartwood.server.command.NodePorts}:
 *
 * <pre>
 *   Connection      one client's socket, and its ClientState: name, database, protocol
 *   ClientRegistry  all of them, for CLIENT LIST and KILL
 *   ClusterView     Topology (members, leader, term) and RaftStatus
 *   NodeStatistics  the counters of INFO
 *   SlowLog         the commands that took long; kept here
 * </pre>
 *
 * <p>A node has two {@link heartwood.server.command.Personality personalities}, by port: a member
 * of a Redis Cluster of one shard, or a plain master that knows no cluster.
 *
 * <p>This package knows neither Raft nor Netty nor LMDB. The data families run on the apply thread,
 * the node families where their connection's order puts them; neither ever blocks. Begin with
 * {@code CommandTable}, then read {@code HashCommands} beside {@code hash.commands}.
 */
@NullMarked
package heartwood.server.command;

import org.jspecify.annotations.NullMarked;
