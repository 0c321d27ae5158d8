package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.append;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.refused;
import static heartwood.raft.core.TestNode.requestVote;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import org.junit.jupiter.api.Test;

/** What a node with a damaged log claims, counts, and votes for. */
class DamageTest {
  private static final long MENDED = Long.MAX_VALUE;

  @Test
  void aFollowerClaimsWhatStandsBeforeTheDamageAndAllOnceItIsMended() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2, 2).build();
    node.step(new Input.LogDamaged(2));

    assertThat(sent(node.receive(2, append(2, 3, 2, 0)), 2)).containsExactly(accepted(2, 1));

    assertThat(sent(node.step(new Input.LogDamaged(MENDED)), 2)).containsExactly(accepted(2, 3));
  }

  @Test
  void whatWasWithheldFromALeaderIsNotTheNextOnesBusiness() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2, 2).build();
    node.step(new Input.LogDamaged(2));
    node.receive(2, append(2, 3, 2, 0));
    node.receive(3, append(3, 1, 1, 0));
    node.persistAll();

    assertThat(sent(node.step(new Input.LogDamaged(MENDED)), 3)).isEmpty();
  }

  @Test
  void aLeaderDoesNotCountItsOwnDamagedEntry() {
    TestNode leader = leaderOf(3, term(2)).build();
    leader.propose(1);
    leader.persistAll();
    leader.step(new Input.LogDamaged(2));

    leader.receive(2, accepted(2, 2));
    assertThat(leader.core().commitIndex()).isEqualTo(1);

    leader.receive(3, accepted(2, 2));
    assertThat(leader.core().commitIndex()).isEqualTo(2);
  }

  @Test
  void aVoterJudgesCandidatesByAllThatItHasEverHeld() {
    TestNode voter = followerOf(3, term(2)).withLogTerms(1, 2, 2).build();
    voter.step(new Input.LogDamaged(2));

    voter.receive(3, requestVote(3, 2, 2));

    assertThat(sent(voter.persistAll(), 3)).containsExactly(refused(3));
  }

  /** Handed out is not applied: the state does not have it yet, and the core never had. */
  @Test
  void aConfigurationThatIsMendedIsInForceThoughItIsCommitted() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2, 2).build();
    node.receive(2, new Message.Heartbeat(2, 3, 0));
    assertThat(node.core().commitIndex()).isEqualTo(3);
    Configuration found = TestNode.configurationOf(2);
    LogEntry entry = new LogEntry(2, 2, EntryKind.CONFIGURATION, ConfigurationCodec.encode(found));

    node.step(new Input.EntryRepaired(entry));

    assertThat(node.core().configuration()).isEqualTo(found);
  }

  @Test
  void aConfigurationThatIsMendedIsInForce() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2, 2).build();
    Configuration found = TestNode.configurationOf(2);
    LogEntry entry = new LogEntry(2, 2, EntryKind.CONFIGURATION, ConfigurationCodec.encode(found));

    assertThat(only(Effect.ConfigurationChanged.class, node.step(new Input.EntryRepaired(entry))))
        .containsExactly(new Effect.ConfigurationChanged(found));
    assertThat(node.core().configuration()).isEqualTo(found);
  }
}
