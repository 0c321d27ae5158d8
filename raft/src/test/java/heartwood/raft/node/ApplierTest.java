package heartwood.raft.node;

import static heartwood.raft.node.NodeRig.runAll;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.log.LogException;
import heartwood.raft.message.LogEntry;
import heartwood.raft.node.NodeRig.TestProposal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApplierTest {
  private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
  private final ArrayDeque<Runnable> apply = new ArrayDeque<>();
  private final Set<Long> damaged = new HashSet<>();
  private final List<Long> met = new ArrayList<>();
  private final List<String> reads = new ArrayList<>();
  private final NodeRig state = new NodeRig(3);
  private final Applier applier =
      new Applier(
          state,
          this::entries,
          new NodeExecutors(loop::addLast, Runnable::run, apply::addLast, Runnable::run),
          damage -> met.add(damage.index()),
          failure -> {
            throw new AssertionError(failure);
          });

  private List<LogEntry> entries(long fromIndex, long toIndex, int maxBytes) {
    List<LogEntry> entries = new ArrayList<>();
    for (long index = fromIndex; index <= toIndex; index++) {
      if (damaged.contains(index)) {
        throw new LogException.Corrupt("entry " + index, index);
      }
      entries.add(NodeRig.entry(index, 1));
    }
    return entries;
  }

  private void runAllOfBoth() {
    runAll(apply);
    runAll(loop);
  }

  @Test
  void whatStandsBehindADamagedEntryWaitsForIt() {
    damaged.add(2L);
    applier.apply(1, 3, Map.of());
    applier.apply(4, 5, Map.of()); // Handed over before the damage was met.
    runAllOfBoth();
    applier.apply(6, 6, Map.of());
    runAllOfBoth();
    assertThat(state.applied).containsExactly("1/1");
    assertThat(met).containsExactly(2L);
    assertThat(applier.heldUpIndex()).isEqualTo(2);

    damaged.clear();
    applier.goOn();
    runAllOfBoth();

    assertThat(state.applied).containsExactly("1/1", "2/1", "3/1", "4/1", "5/1", "6/1");
    assertThat(applier.heldUpIndex()).isZero();
  }

  @Test
  void aReadThatMustSeeWhatIsHeldUpIsNotServed() {
    damaged.add(2L);
    applier.apply(1, 2, Map.of());
    applier.serve(List.of(read("sees 1")), 1);
    applier.serve(List.of(read("sees 2")), 2);
    runAllOfBoth();

    assertThat(reads).containsExactly("sees 1 ready");
    for (int i = 0; i < 150; i++) {
      applier.tick();
    }
    runAllOfBoth();

    assertThat(reads).containsExactly("sees 1 ready", "sees 2 failed");
  }

  /** Replies carry no number: the second would be taken for the first's. */
  @Test
  void aReadIsNotServedBeforeOneThatCameFirstHasFailed() {
    damaged.add(2L);
    applier.apply(1, 2, Map.of());
    runAllOfBoth();
    applier.serve(List.of(read("first")), 2);
    for (int i = 0; i < 150; i++) {
      applier.tick();
    }
    runAll(apply); // It fails, and that is on its way to the loop.
    damaged.clear();
    applier.goOn();
    applier.serve(List.of(read("second")), 2);
    runAll(apply);
    assertThat(reads).isEmpty();
    runAllOfBoth();
    applier.goOn();
    runAllOfBoth();

    assertThat(reads).containsExactly("first failed", "second ready");
  }

  @Test
  void whatWasProposedHereAndIsHeldUpIsUnknownAndAllBehindIt() {
    damaged.add(2L);
    TestProposal second = new TestProposal();
    TestProposal third = new TestProposal();
    TestProposal fourth = new TestProposal();
    applier.apply(1, 3, Map.of(2L, second, 3L, third));
    runAllOfBoth();
    applier.apply(4, 4, Map.of(4L, fourth));
    damaged.clear();
    applier.goOn();
    runAllOfBoth();

    assertThat(state.applied).containsExactly("1/1", "2/1", "3/1", "4/1");
    assertThat(second.outcomes).containsExactly("unknown");
    assertThat(third.outcomes).containsExactly("unknown");
    assertThat(fourth.outcomes).containsExactly("unknown");
  }

  @Test
  void nothingIsAnsweredBeforeAFateThatWasToldFirst() {
    TestProposal lost = new TestProposal();
    TestProposal later = new TestProposal();
    applier.tell(lost::notExecuted);
    applier.apply(1, 1, Map.of(1L, later));
    runAll(apply);
    assertThat(later.outcomes).as("the other is on its way").isEmpty();
    runAllOfBoth();
    TestProposal last = new TestProposal();
    applier.apply(2, 2, Map.of(2L, last));
    runAllOfBoth();

    assertThat(lost.outcomes).containsExactly("not executed");
    assertThat(later.outcomes).containsExactly("unknown");
    assertThat(last.outcomes).containsExactly("executed");
  }

  private ReadRequest read(String name) {
    return new ReadRequest() {
      @Override
      public void ready() {
        reads.add(name + " ready");
      }

      @Override
      public void failed() {
        reads.add(name + " failed");
      }
    };
  }
}
