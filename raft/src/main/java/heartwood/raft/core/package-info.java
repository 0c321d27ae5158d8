/**
 * Raft as a function: inputs go in, effects come out.
 *
 * <pre>
 *   Tick, Receive, Propose, ReadIndex, Persisted ──► RaftCore.step ──► Persist, Send, SendEntries,
 *                                                                      Apply, ReadReady, RoleChanged
 * </pre>
 *
 * <p>Must never know a thread, a clock, a file, a socket, a logger or an unseeded random: time is a
 * counted tick, chance a seeded {@link heartwood.raft.core.SplitMix64}, and what must be on disk
 * before a message may leave travels with that message in one {@link
 * heartwood.raft.core.Effect.Persist}. The core holds no payloads: the runner keeps the bytes.
 *
 * <p>The core trusts what it is told, and stops where an invariant breaks. What a peer says goes
 * through {@link heartwood.raft.core.MessageRules} before: no message of one ill node may stop
 * those that are well.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li>{@link heartwood.raft.core.Input}, {@link heartwood.raft.core.Effect} and {@link
 *       heartwood.raft.core.Role}: what can happen, what is to be done, what a node is.
 *   <li>{@link heartwood.raft.core.RaftCore}: the rules for servers of figure 2, and who becomes
 *       what. {@code RaftState} is the state of that figure, over {@link
 *       heartwood.raft.core.RaftLog} and {@link heartwood.raft.core.ConfigurationLog}. {@code
 *       Outbox} gathers effects and knows what is on its way to the disk, {@code OwnDisk} how that
 *       disk is.
 *   <li>Elections (§5.2): {@code Election}, {@code VotePromise}, {@link
 *       heartwood.raft.core.Quorum}.
 *   <li>Replication (§5.3): {@code Replication} and {@code Heartbeats} of a leader, over {@code
 *       Followers}, each of which is a {@code Progress}; {@code FollowerLog} at the other end.
 *   <li>Commitment (§5.4): {@code LeaderLog}.
 *   <li>Membership (§6): {@code Membership}, {@link heartwood.raft.core.MembershipChange}, {@code
 *       Reconfiguration}.
 *   <li>Snapshots (§7): {@code Snapshots}.
 *   <li>Reads (thesis §6.4): {@code LeaderReads} over {@code ReadIndexQueue}, {@code
 *       ForwardedReads} over {@code FollowerReads}.
 *   <li>Transfer (thesis §3.10): {@code Transfer}.
 * </ol>
 *
 * <p>State has one owner each, and knowledge goes one way: the parts know {@code RaftState}, {@code
 * Outbox} and parts that stand before them, never {@code RaftCore}. The order of effects is part of
 * the behaviour: scripts and seeds depend on it.
 */
@NullMarked
package heartwood.raft.core;

import org.jspecify.annotations.NullMarked;
