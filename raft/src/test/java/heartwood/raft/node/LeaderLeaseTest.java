package heartwood.raft.node;

import static heartwood.raft.node.NodeRig.runAll;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.NodeRig.TestProposal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads without a round: thesis §6.4.1. */
class LeaderLeaseTest {
  private static final long LENGTH_NANOS = 1_000_000_000;

  private final NodeRig rig = new NodeRig(3);
  private final List<String> answers = new ArrayList<>();
  private boolean isWanted = true;
  private long nanos = 7;
  private long wallMillis = 1_700_000_000_000L;
  private int reads;

  @BeforeEach
  void lead() {
    NodeClock clock =
        new NodeClock() {
          @Override
          public long monotonicNanos() {
            return nanos;
          }

          @Override
          public long wallMillis() {
            return wallMillis;
          }
        };
    rig.lease = new LeaderLease(clock, LENGTH_NANOS, () -> isWanted);
    rig.start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(term(), 1));
    runAll(rig.applyWork);
  }

  @Test
  void itIsAsLongAsVotersPromiseLessATickAndAQuarter() {
    CoreOptions core = CoreOptions.DEFAULT.withTimes(30, 5);

    assertThat(LeaderLease.lengthNanos(core, 10_000_000)).isEqualTo(217_500_000);
  }

  @Test
  void whatARoundHasConfirmedServesTheReadsOfATime() {
    long rounds = round();
    read();
    assertThat(answers).isEmpty();
    confirm();
    assertThat(answers).containsExactly("1 ready");

    pass(LENGTH_NANOS / 2 - 1);
    read();

    assertThat(answers).containsExactly("1 ready", "2 ready");
    assertThat(round()).isEqualTo(rounds + 1);
    assertThat(rig.node().readCounters().leaseReads()).isEqualTo(1);
    assertThat(rig.node().readCounters().rounds()).isEqualTo(1);
  }

  @Test
  void whereItIsNotWantedEveryReadAsks() {
    isWanted = false;
    read();
    confirm();

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void itLastsFromWhenTheRoundWasAskedForNotFromWhenItWasConfirmed() {
    read();
    pass(LENGTH_NANOS - 1);
    confirm();
    pass(1);

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void aProcessThatStoodStillAsksAgain() { // etcd issue 20418
    read();
    confirm();
    pass(LENGTH_NANOS);

    read();

    assertThat(answers).containsExactly("1 ready");
    confirm();
    assertThat(answers).containsExactly("1 ready", "2 ready");
  }

  @Test
  void aMachineThatWasSuspendedAsksAgainThoughItsMonotonicClockStoodStill() {
    read();
    confirm();
    wallMillis += LENGTH_NANOS / 1_000_000;

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void aWallClockThatIsSetBackProlongsNothing() {
    read();
    confirm();
    wallMillis -= 3_600_000;
    nanos += LENGTH_NANOS;

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void itIsRenewedWhenHalfOfItIsOverAndNobodyWaitsForThat() {
    read();
    confirm();
    pass(LENGTH_NANOS / 2);
    long rounds = round();
    read();
    read();
    assertThat(answers).hasSize(3);
    assertThat(round()).isEqualTo(rounds + 1);
    confirm();

    pass(LENGTH_NANOS / 2 + 1);
    read();

    assertThat(answers).hasSize(4);
  }

  @Test
  void aReadDoesNotOvertakeOneThatWaitsForARound() {
    read();
    pass(LENGTH_NANOS / 4);
    read(); // Shares the next round.
    confirm(); // The first round: there is a lease now.

    read();

    assertThat(answers).containsExactly("1 ready");
    confirm();
    confirm();
    assertThat(answers).containsExactly("1 ready", "2 ready", "3 ready");
  }

  @Test
  void whoHandsOverServesNoMoreByItInThatTermEvenIfItsHeirFails() {
    read();
    confirm();
    rig.receive(3, new Message.AppendEntriesAccepted(term(), 1));
    rig.node().transferLeadership(new NodeId(3));
    for (int ticks = 0; ticks < 15; ticks++) {
      rig.receive(2, new HeartbeatReply(term(), 0));
      rig.node().tick();
    }
    assertThat(rig.node().isLeader()).isTrue();
    assertThat(rig.node().core().isTransferring()).isFalse();

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void itIsOfOneTermOnly() {
    read();
    confirm();
    rig.receive(3, new Heartbeat(term() + 1, 0, 0));
    runAll(rig.logWork);
    for (int ticks = 0; ticks < 12; ticks++) {
      rig.node().tick();
    }
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(term(), rig.node().core().lastIndex()));
    assertThat(rig.node().core().knowsCommitted()).isTrue();

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void whoLostLeadershipServesNothing() {
    read();
    confirm();
    rig.receive(3, new Heartbeat(term() + 1, 0, 0));
    rig.receive(3, new Message.RequestVoteReply(term() + 1, false, false)); // Knows no leader.

    read();

    assertThat(answers).containsExactly("1 ready", "2 failed");
  }

  @Test
  void otherMembersEndIt() {
    read();
    confirm();
    rig.node()
        .changeMembership(
            new MembershipChange.Remove(new NodeId(3)),
            new ChangeRequest() {
              @Override
              public void done() {}

              @Override
              public void refused(Reason reason) {
                answers.add("refused " + reason);
              }

              @Override
              public void unknown() {}
            });

    read();

    assertThat(answers).containsExactly("1 ready");
  }

  @Test
  void aReadRunsBehindAllThatWasCommittedWhenItCame() {
    read();
    confirm();
    rig.node().propose(new TestProposal());
    runAll(rig.logWork);
    rig.receive(2, new Message.AppendEntriesAccepted(term(), 2));
    List<String> seen = new ArrayList<>();

    rig.node()
        .readIndex(
            new ReadRequest() {
              @Override
              public void ready() {
                seen.addAll(rig.applied);
              }

              @Override
              public void failed() {}
            });
    runAll(rig.applyWork);

    assertThat(seen).endsWith("2/" + term());
  }

  private long term() {
    return rig.node().core().currentTerm();
  }

  private void pass(long passedNanos) {
    nanos += passedNanos;
    wallMillis += passedNanos / 1_000_000;
  }

  private void read() {
    String name = Integer.toString(++reads);
    rig.node()
        .readIndex(
            new ReadRequest() {
              @Override
              public void ready() {
                answers.add(name + " ready");
              }

              @Override
              public void failed() {
                answers.add(name + " failed");
              }
            });
    runAll(rig.applyWork);
  }

  /** Node 2 confirms the round that is out. */
  private void confirm() {
    rig.receive(2, new HeartbeatReply(term(), round()));
    runAll(rig.applyWork);
  }

  /** Number of the last round. */
  private long round() {
    return rig.sent.stream()
        .filter(message -> message instanceof Heartbeat)
        .mapToLong(message -> ((Heartbeat) message).round())
        .max()
        .orElse(0);
  }
}
