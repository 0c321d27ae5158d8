package heartwood.server.replication;

import heartwood.raft.node.Proposal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Several batches as one entry, and the reads that ride with it. Made on the raft loop, handed to
 * the apply thread when it is committed; {@link #attach} is over by then.
 */
public final class EntryProposal implements Proposal {
  /**
   * How an entry ends, for those who wait for it: the states of {@link Proposal}, as far as the
   * raft loop sees them.
   */
  public enum Fate {
    OPEN,
    COMMITTED,
    NOT_EXECUTED,
    UNKNOWN;

    /** What is committed can only be lost sight of; where an entry has ended, it stays. */
    boolean mayBecome(Fate next) {
      return this == OPEN ? next != OPEN : this == COMMITTED && next == UNKNOWN;
    }
  }

  private final byte[] payload;
  private final List<CommandBatch> batches;
  private final Consumer<EntryProposal> onFate;
  private Fate fate = Fate.OPEN;

  /**
   * @param flags of {@link EntryFormat}
   * @param onFate called on the raft loop when the fate is known, and when it becomes unknown again
   */
  public EntryProposal(
      List<CommandBatch> batches,
      int flags,
      long stampMillis,
      long seed,
      Consumer<EntryProposal> onFate) {
    this.batches = new ArrayList<>(batches);
    this.onFate = onFate;
    long bytes = EntryFormat.HEADER_BYTES;
    int count = 0;
    for (CommandBatch batch : batches) {
      bytes += batch.writeLength();
      count += batch.writeCount();
    }
    payload = new byte[Math.toIntExact(bytes)];
    int position = EntryFormat.HEADER_BYTES;
    for (CommandBatch batch : batches) {
      System.arraycopy(batch.writeBytes(), 0, payload, position, batch.writeLength());
      position += batch.writeLength();
    }
    EntryFormat.seal(payload, flags, stampMillis, seed, count);
  }

  /** Adds operations without writes, to be executed behind everything here. */
  public void attach(CommandBatch batch) {
    batches.add(batch);
  }

  public List<CommandBatch> batches() {
    return batches;
  }

  public Fate fate() {
    return fate;
  }

  @Override
  public byte[] payload() {
    return payload;
  }

  @Override
  public void committed() {
    end(Fate.COMMITTED);
  }

  @Override
  public void notExecuted() {
    end(Fate.NOT_EXECUTED);
  }

  @Override
  public void unknown() {
    end(Fate.UNKNOWN);
  }

  private void end(Fate newFate) {
    if (!fate.mayBecome(newFate)) {
      throw new IllegalStateException("fate: " + newFate + " (expected: none after " + fate + ")");
    }
    fate = newFate;
    onFate.accept(this);
  }
}
