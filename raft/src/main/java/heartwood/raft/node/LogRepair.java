package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.log.LogException;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.PullEntries;
import heartwood.raft.message.Message.PulledEntries;
import heartwood.raft.message.NodeId;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mends damaged entries of the own log, and gives others what they lack. Confined to the raft loop;
 * the log is read on the snapshot thread and mended on the log thread.
 *
 * <pre>
 *   a read meets damage ─► the whole log is looked through ─► is any of it damaged?
 *                                     ▲                        │ no: the core may claim all again
 *                                     │                        ▼ yes, each entry:
 *                                     └─── in a checkpoint of the own state: forgotten, with all before it
 *                                     └─── else asked of all members, and put in its place
 *                                     └─── if nobody has it, a snapshot is asked for that covers it
 * </pre>
 *
 * <p>Nothing is ever cut for being damaged: what this node has acknowledged may be committed
 * because of it. An entry of the same index and term is the same entry (Raft §5.3, Log Matching),
 * so anybody's will do, be it committed or not.
 */
final class LogRepair {
  private static final Logger logger = LoggerFactory.getLogger(LogRepair.class);

  /** An answer that has not come by then was lost, or nobody had one. */
  private static final int RETRY_TICKS = 20;

  /** So often members are asked before a snapshot is wished for instead. */
  private static final int PATIENT_ROUNDS = 5;

  private static final int LOOK_BYTES = 4 << 20;

  private final RaftNode node;
  private final Transport transport;
  private final NodeExecutors executors;
  private final int maxBytes;

  /** Entries that were found damaged and are not mended. */
  private final TreeSet<Long> damaged = new TreeSet<>();

  /** How often nobody had what was asked for. */
  private int vainRounds;

  private boolean isLooking;
  private boolean isMending;
  private int ticksSinceAsked;

  /**
   * @param maxBytes of the entries of one answer
   */
  LogRepair(RaftNode node, Transport transport, NodeExecutors executors, int maxBytes) {
    this.node = node;
    this.transport = transport;
    this.executors = executors;
    this.maxBytes = maxBytes;
  }

  /** How many entries are known to be damaged. */
  int damagedCount() {
    return damaged.size();
  }

  /** Whether an entry can be read, as far as is known. */
  boolean isSound(long index) {
    return !damaged.contains(index);
  }

  /** A read has met damage. */
  void onDamage(LogException.Corrupt damage) {
    if (damage.index() == 0) {
      node.fail(damage);
    } else if (!damaged.contains(damage.index())) {
      logger.warn("{}'s log is damaged: {}", node.core().self(), damage.getMessage());
      found(List.of(damage.index()));
      look();
    }
  }

  /** These entries are damaged. */
  void found(List<Long> indexes) {
    damaged.addAll(indexes);
    tellCore();
    ticksSinceAsked = RETRY_TICKS;
  }

  private void tellCore() {
    node.step(new Input.LogDamaged(damaged.isEmpty() ? Long.MAX_VALUE : damaged.first()));
  }

  void tick() {
    if (damaged.isEmpty() || isLooking || isMending) {
      return;
    }
    if (forgotten()) {
      look();
    } else if (++ticksSinceAsked >= RETRY_TICKS) {
      ticksSinceAsked = 0;
      if (!node.forgetLog(damaged.first())) {
        ask();
        if (++vainRounds > PATIENT_ROUNDS) {
          node.wishForSnapshot(damaged.first());
        }
      }
    }
  }

  /** Whether what was damaged is no part of the log any more. */
  private boolean forgotten() {
    damaged.headSet(node.core().baseIndex(), true).clear();
    damaged.tailSet(node.core().lastIndex(), false).clear();
    return damaged.isEmpty();
  }

  private void ask() {
    long fromIndex = damaged.first();
    long toIndex = fromIndex;
    while (damaged.contains(toIndex + 1)) {
      toIndex++;
    }
    boolean hasAsked = false;
    for (Member member : node.core().configuration().members()) {
      if (!member.id().equals(node.core().self())) {
        transport.send(member.id(), new PullEntries(0, fromIndex, toIndex));
        hasAsked = true;
      }
    }
    transport.flush();
    if (!hasAsked) {
      node.fail(
          new LogException.Corrupt(
              "entry " + fromIndex + " of the log is damaged, and nobody else holds it",
              fromIndex));
    }
  }

  /** Takes the messages that mend logs; false for those that are the core's. */
  boolean receive(NodeId from, Message message) {
    if (message instanceof PullEntries pull) {
      executors.snapshot().execute(() -> answer(from, pull));
      return true;
    }
    if (message instanceof PulledEntries pulled) {
      onPulled(from, pulled);
      return true;
    }
    return false;
  }

  /** On the snapshot thread. */
  private void answer(NodeId to, PullEntries pull) {
    List<LogEntry> entries;
    try {
      entries = SoundEntries.read(node.log(), pull.fromIndex(), pull.toIndex(), maxBytes);
    } catch (LogException e) {
      entries = List.of(); // It is not here, or it is damaged here too.
    }
    PulledEntries pulled = new PulledEntries(0, pull.fromIndex(), entries);
    loop()
        .execute(
            () -> {
              transport.send(to, pulled);
              transport.flush();
            });
  }

  private void onPulled(NodeId from, PulledEntries pulled) {
    List<LogEntry> wanted =
        pulled.entries().stream()
            .filter(entry -> damaged.contains(entry.index()) && isOurs(entry))
            .toList();
    if (wanted.isEmpty() || isMending) {
      return;
    }
    isMending = true;
    node.afterWrites(
        () -> {
          for (LogEntry entry : wanted) {
            mend(entry);
          }
          loop().execute(() -> onMended(from, wanted));
        });
  }

  /** Others may hold another entry there, of another term, which this log is yet to get. */
  private boolean isOurs(LogEntry entry) {
    return node.core().holds(entry.index())
        && node.core().termAt(entry.index()) == entry.term()
        && entry.index() > node.core().baseIndex();
  }

  /** On the log thread. */
  private void mend(LogEntry entry) {
    try {
      node.log().repair(entry);
    } catch (IllegalArgumentException e) {
      return; // It was cut or forgotten meanwhile.
    }
  }

  private void onMended(NodeId from, List<LogEntry> entries) {
    isMending = false;
    vainRounds = 0;
    for (LogEntry entry : entries) {
      damaged.remove(entry.index());
      node.step(new Input.EntryRepaired(entry));
    }
    logger.info(
        "{} has mended {} entries from {} on with those of {}",
        node.core().self(),
        entries.size(),
        entries.get(0).index(),
        from);
    ticksSinceAsked = RETRY_TICKS;
    if (damaged.isEmpty()) {
      look();
    } else {
      tellCore();
    }
  }

  /** Reads the whole log, for where there is one damaged entry there may be more. */
  private void look() {
    if (isLooking) {
      return;
    }
    isLooking = true;
    executors
        .snapshot()
        .execute(
            () -> {
              List<Long> found;
              try {
                found = DamageScan.of(node.log(), LOOK_BYTES, entry -> {});
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                loop().execute(() -> node.fail(failure));
                return;
              }
              loop()
                  .execute(
                      () -> {
                        isLooking = false;
                        found(found);
                        if (damaged.isEmpty()) {
                          logger.info("{}'s log is whole again", node.core().self());
                        }
                      });
            });
  }

  private Executor loop() {
    return executors.loop();
  }
}
