package heartwood.server.replication;

import heartwood.server.command.CommandMeter;
import heartwood.server.keyspace.KeyspaceCounters;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The reads that would hold up everybody on the apply thread and run beside it, each over a
 * snapshot of the state at its place. Confined to the apply thread, but for the counts.
 *
 * <p>Invariant: of every read that is not {@code unanswered} any more the snapshot is closed.
 */
public final class LongReads {
  /**
   * A read that visits more rows is long. About a millisecond: a scan with its reply takes a row in
   * a quarter of a microsecond, a lookup takes one, and neither much more in the past.
   */
  public static final long MAX_SHORT_ROWS = 1000;

  /** Each holds memory and one of the places that LMDB has for readers. */
  public static final int MAX_WAITING = 512;

  static final String TOO_MANY = "BUSY too many long reads wait, the command was not executed";

  private final Executor readers;
  private final Executor apply;
  private final Replies replies;
  private final CommandMeter meter;
  private final KeyspaceCounters counters;
  private final LongSupplier maxMillis;
  private final Consumer<Throwable> onFailure;
  private final Set<LongRead> unanswered = new LinkedHashSet<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final LongAdder begun = new LongAdder();

  /**
   * @param readers the threads to read on
   * @param maxMillis the longest that a read may take, the time that it waits included
   * @param onFailure hears, on a reader, of what must stop the node: nobody is answered then
   */
  public LongReads(
      Executor readers,
      Executor apply,
      Replies replies,
      CommandMeter meter,
      KeyspaceCounters counters,
      LongSupplier maxMillis,
      Consumer<Throwable> onFailure) {
    this.readers = readers;
    this.apply = apply;
    this.replies = replies;
    this.meter = meter;
    this.counters = counters;
    this.maxMillis = maxMillis;
    this.onFailure = onFailure;
  }

  /** Whether no more can be taken: then answer {@link #TOO_MANY}. */
  boolean isFull() {
    return waiting.get() >= MAX_WAITING;
  }

  /** How long and for whom a read that is asked now may take. */
  ReadLimit limit(Client client) {
    return new ReadLimit(client, System.nanoTime(), maxMillis.getAsLong());
  }

  /** Takes a read, to be answered when it has run. */
  void add(LongRead read) {
    unanswered.add(read);
    waiting.incrementAndGet();
    readers.execute(() -> run(read));
  }

  /** On a reader. */
  private void run(LongRead read) {
    if (!read.tryBegin()) {
      return;
    }
    waiting.decrementAndGet();
    running.incrementAndGet();
    begun.increment();
    try {
      read.run(meter, counters);
    } catch (RuntimeException | Error failure) {
      onFailure.accept(failure);
      return;
    } finally {
      running.decrementAndGet();
    }
    apply.execute(() -> answer(read));
  }

  private void answer(LongRead read) {
    if (unanswered.remove(read)) {
      if (read.isSilent()) {
        read.reply().clear();
      }
      replies.end(read.reply());
    }
  }

  /**
   * Ends all reads, with an error; returns when none of them reads any more. To be called before
   * their store is closed.
   */
  public void endAll() {
    List<LongRead> runningStill = new ArrayList<>();
    for (LongRead read : List.copyOf(unanswered)) {
      if (read.tryBegin()) {
        waiting.decrementAndGet();
        read.refuse(ReadLimit.REPLACED);
        answer(read);
      } else {
        read.end();
        runningStill.add(read);
      }
    }
    try {
      for (LongRead read : runningStill) {
        read.awaitLetGo(); // Its answer comes later, on this thread.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while long reads end", e);
    }
  }

  /** How many run at present. Any thread. */
  public int runningCount() {
    return running.get();
  }

  /** How many wait for a thread. Any thread. */
  public int waitingCount() {
    return waiting.get();
  }

  /** How many have begun since the node was started. Any thread. */
  public long begunCount() {
    return begun.sum();
  }
}
