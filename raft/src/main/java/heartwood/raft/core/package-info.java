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
 * <p>Begin with {@link heartwood.raft.core.RaftCore}, which follows the paper from top to bottom,
 * then {@link heartwood.raft.core.Progress} (one follower, as its leader sees it) and {@link
 * heartwood.raft.core.RaftLog}.
 */
@NullMarked
package heartwood.raft.core;

import org.jspecify.annotations.NullMarked;
