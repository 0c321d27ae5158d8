package heartwood.server.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.server.replication.EntryProposal.Fate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How an entry that was proposed here ends, on the raft loop. */
class EntryProposalTest {
  private final List<Fate> told = new ArrayList<>();

  @Test
  void whatIsCommittedCanOnlyBeLostSightOf() {
    EntryProposal proposal = proposal();

    proposal.committed();
    assertThatThrownBy(proposal::notExecuted).hasMessageContaining("none after COMMITTED");
    proposal.unknown();

    assertThat(told).containsExactly(Fate.COMMITTED, Fate.UNKNOWN);
  }

  @Test
  void whatHasEndedStaysSo() {
    EntryProposal refused = proposal();
    refused.notExecuted();

    assertThatThrownBy(refused::unknown).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(refused::committed).isInstanceOf(IllegalStateException.class);
    assertThat(refused.fate()).isEqualTo(Fate.NOT_EXECUTED);
  }

  private EntryProposal proposal() {
    return new EntryProposal(List.of(), 0, 0, 0, ended -> told.add(ended.fate()));
  }
}
