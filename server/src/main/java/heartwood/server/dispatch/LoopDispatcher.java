package heartwood.server.dispatch;

import heartwood.raft.message.Member;
import heartwood.resp.ReplySink;
import heartwood.resp.Request;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandException;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.CommandSpec.Kind;
import heartwood.server.command.CommandTable;
import heartwood.server.command.KeyPositions;
import heartwood.server.command.WaitCommand;
import heartwood.server.config.MemoryBounds;
import heartwood.server.dispatch.DispatchedClient.Lane;
import heartwood.server.keyspace.Slots;
import heartwood.server.replication.CommandBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides, for each command of an event loop's clients, which way it goes. Confined to the loop.
 *
 * <p>What the loop reads in one turn is gathered into one batch of writes and one of reads, and
 * handed on at the end of the turn: a hundred clients cost one hand-over. Commands about the
 * connection are run at once, so that they take effect for what follows; their replies wait for
 * their turn behind what is unanswered.
 */
public final class LoopDispatcher {
  private static final Logger logger = LoggerFactory.getLogger(LoopDispatcher.class);

  /** A client that has so much unanswered is not read from until some of it is answered. */
  private static final int MAX_UNANSWERED = 10_000;

  /** Or so many bytes: then not until all of it is answered. */
  private static final int MAX_UNANSWERED_BYTES = 1 << 20;

  /** What became of a command. */
  public enum Outcome {
    /** It is on its way, or answered. */
    TAKEN,
    /** Not taken: dispatch it again when the client is resumed. */
    HELD
  }

  private final Executor loop;
  private final Executor raftLoop;
  private final Executor apply;
  private final CommandTable table;
  private final CommandMeter meter;
  private final LeadershipView leadership;
  private final WritePath writePath;
  private final WaitingClients waitingClients;
  private final BatchEnds ends;
  private final Forwarding forwarding;
  private final ReplyScratch scratch;
  private final BooleanSupplier allowsCrossSlot;
  private final LongSupplier leaderWaitMillis;

  private final KeyPositions keys = new KeyPositions();
  private final Arguments arguments = new Arguments();
  private byte[] argumentBytes = new byte[512];

  private CommandBatch log = new CommandBatch();
  private CommandBatch reads = new CommandBatch();
  private CommandBatch staleReads = new CommandBatch();
  private boolean isHandOverDue;

  /** Clients whose next command waits for a leader. */
  private final ArrayDeque<DispatchedClient> parked = new ArrayDeque<>();

  public LoopDispatcher(
      Executor loop,
      Executor raftLoop,
      Executor apply,
      CommandTable table,
      CommandMeter meter,
      LeadershipView leadership,
      WritePath writePath,
      WaitingClients waitingClients,
      BatchEnds ends,
      Forwarding forwarding,
      ReplyScratch scratch,
      BooleanSupplier allowsCrossSlot,
      LongSupplier leaderWaitMillis) {
    this.loop = loop;
    this.raftLoop = raftLoop;
    this.apply = apply;
    this.table = table;
    this.meter = meter;
    this.leadership = leadership;
    this.writePath = writePath;
    this.waitingClients = waitingClients;
    this.ends = ends;
    this.forwarding = forwarding;
    this.scratch = scratch;
    this.allowsCrossSlot = allowsCrossSlot;
    this.leaderWaitMillis = leaderWaitMillis;
    leadership.onChange(() -> loop.execute(this::resumeParked));
  }

  /** Takes one decoded command of a client, or asks for it again later. */
  public Outcome dispatch(DispatchedClient client, Request request) {
    if (client.unansweredCount() >= MAX_UNANSWERED
        || client.unansweredBytes() >= MAX_UNANSWERED_BYTES) {
      return Outcome.HELD;
    }
    client.beginCommand();
    CommandSpec spec = table.lookup(request);
    if (spec == null) {
      return fail(client, client.isAuthenticated() ? table.unknown(request) : ErrorReplies.NO_AUTH);
    }
    String refusal = client.refusal(spec, request.count());
    if (refusal != null) {
      return reject(client, spec, refusal);
    }
    client.onCommand(spec);
    if (spec.kind() == Kind.CONNECTION) {
      return runHere(client, spec, request);
    }
    if (CommandBatch.commandBytes(request) > MemoryBounds.MAX_COMMAND_BYTES) {
      return reject(client, spec, ErrorReplies.TOO_LARGE);
    }
    return route(client, spec, request);
  }

  /** Answers an error that no command made, at its turn. */
  public void refuse(DispatchedClient client, String message) {
    scratch.begin(client).error(message);
    answer(client);
  }

  private Outcome route(DispatchedClient client, CommandSpec spec, Request request) {
    int slot = client.isProxied() || spec.onlyKey() >= 0 ? NO_SLOT : commonSlot(spec, request);
    if (slot == CROSS_SLOT) {
      return reject(client, spec, ErrorReplies.CROSS_SLOT);
    }
    Leadership present = leadership.present();
    if (present.isSelf()) {
      return switch (spec.kind()) {
        case WRITE -> write(client, spec, request);
        case READ -> read(client, spec, request);
        case WAIT -> waitForNodes(client, spec, request);
        case CONNECTION -> throw new IllegalArgumentException(spec + " is not routed");
      };
    }
    if (client.isForwarded()) {
      return reject(client, spec, ErrorReplies.NOT_EXECUTED);
    }
    if (client.isReadOnly() && spec.kind() == Kind.READ) {
      return enter(client, Lane.STALE, request) ? stale(client, spec, request) : Outcome.HELD;
    }
    if (spec.kind() == Kind.WAIT && !client.isProxied()) {
      return reject(client, spec, spec.waitCommand().refusalOfFollower());
    }
    Member leader = present.leader();
    if (leader == null) {
      return parkOrReject(client, spec, present);
    }
    if (!client.isProxied() && spec.hasKeys()) {
      int movedSlot = slot >= 0 ? slot : firstSlot(spec, request);
      if (movedSlot >= 0) {
        return reject(client, spec, ErrorReplies.moved(movedSlot, leader));
      }
    }
    if (!enter(client, Lane.FORWARD, request)) {
      return Outcome.HELD;
    }
    forwarding.forward(client, spec, request);
    return Outcome.TAKEN;
  }

  private Outcome write(DispatchedClient client, CommandSpec spec, Request request) {
    if (!enter(client, Lane.LOG, request)) {
      return Outcome.HELD;
    }
    log.addWrite(client, spec, request);
    handOverSoon();
    return Outcome.TAKEN;
  }

  /** Behind unanswered writes a read goes with them; else it needs no log. */
  private Outcome read(DispatchedClient client, CommandSpec spec, Request request) {
    if (client.lane() == Lane.LOG) {
      client.enter(Lane.LOG, CommandBatch.commandBytes(request));
      log.addRead(client, spec, request);
    } else if (enter(client, Lane.READ, request)) {
      reads.addRead(client, spec, request);
    } else {
      return Outcome.HELD;
    }
    handOverSoon();
    return Outcome.TAKEN;
  }

  private Outcome stale(DispatchedClient client, CommandSpec spec, Request request) {
    staleReads.addRead(client, spec, request);
    handOverSoon();
    return Outcome.TAKEN;
  }

  /** Begins when everything before it is answered: that is what it waits for. */
  private Outcome waitForNodes(DispatchedClient client, CommandSpec spec, Request request) {
    if (client.lane() != Lane.NONE) {
      return Outcome.HELD;
    }
    decode(request);
    WaitCommand command = spec.waitCommand();
    Wait wait;
    try {
      wait =
          new Wait(
              client,
              client.version(),
              client.isSilent(),
              command,
              command.wanted(arguments),
              System.nanoTime(),
              command.timeoutMillis(arguments));
    } catch (CommandException e) {
      return reject(client, spec, e.reply());
    }
    client.enter(Lane.WAIT, 0);
    meter.ran(spec, arguments, client, 0, null); // What passes meanwhile is not its work.
    raftLoop.execute(() -> waitingClients.add(wait));
    return Outcome.TAKEN;
  }

  /** Ends a client's wait, see {@link WaitingClients#tryUnblock}. Any thread. */
  public boolean tryUnblock(DispatchedClient client, boolean withError) {
    return waitingClients.tryUnblock(client, withError);
  }

  private static boolean enter(DispatchedClient client, Lane lane, Request request) {
    if (!client.canEnter(lane)) {
      return false;
    }
    client.enter(lane, CommandBatch.commandBytes(request));
    return true;
  }

  // ---- Slots ----

  private static final int NO_SLOT = -1;
  private static final int CROSS_SLOT = -2;

  /** The slot of all keys, {@link #CROSS_SLOT} when they differ and must not, else none. */
  private int commonSlot(CommandSpec spec, Request request) {
    if (!spec.hasKeys() || !spec.findKeys(request, keys) || keys.count() == 0) {
      return NO_SLOT;
    }
    int slot = slotOf(request, keys.position(0));
    if (!allowsCrossSlot.getAsBoolean()) {
      for (int i = 1; i < keys.count(); i++) {
        if (slotOf(request, keys.position(i)) != slot) {
          return CROSS_SLOT;
        }
      }
    }
    return slot;
  }

  private int firstSlot(CommandSpec spec, Request request) {
    return spec.findKeys(request, keys) && keys.count() > 0
        ? slotOf(request, keys.position(0))
        : NO_SLOT;
  }

  private int slotOf(Request request, int argument) {
    int length = request.length(argument);
    byte[] key = scratchBytes(length);
    request.copyTo(argument, key, 0);
    return Slots.slotOf(key, 0, length);
  }

  private byte[] scratchBytes(long length) {
    if (argumentBytes.length < length) {
      argumentBytes = new byte[(int) Math.min(Integer.MAX_VALUE - 16, length * 2)];
    }
    return argumentBytes;
  }

  // ---- Commands that are answered here ----

  private Outcome runHere(DispatchedClient client, CommandSpec spec, Request request) {
    if (answersElsewhere(client)) {
      return Outcome.HELD;
    }
    decode(request);
    long begin = System.nanoTime();
    ReplySink reply = scratch.begin(client);
    try {
      spec.run(arguments, client.connection(), reply);
    } catch (RuntimeException e) {
      logger.error("command failed: {}", spec, e);
      reply = scratch.begin(client);
      reply.error(ErrorReplies.INTERNAL);
    }
    long nanos = System.nanoTime() - begin;
    String error = CommandMeter.errorWord(scratch.bytes(), 0, scratch.length());
    meter.ran(spec, arguments, client, nanos, error);
    if (!client.isSilent()) {
      answer(client);
    }
    if (argumentBytes.length > 1 << 20) {
      argumentBytes = new byte[512];
    }
    return Outcome.TAKEN;
  }

  /** Answers that a command was not run. */
  private Outcome reject(DispatchedClient client, CommandSpec spec, String message) {
    Outcome outcome = fail(client, message);
    if (outcome == Outcome.TAKEN) {
      meter.rejected(spec);
    }
    return outcome;
  }

  private void decode(Request request) {
    byte[] encoded = scratchBytes(Arguments.maxEncodedBytes(request));
    Arguments.encode(request, encoded, 0);
    arguments.decode(encoded, 0);
  }

  /** What is unanswered comes first, and no batch of ours could carry an answer behind it. */
  private static boolean answersElsewhere(DispatchedClient client) {
    return client.lane() == Lane.FORWARD || client.lane() == Lane.WAIT;
  }

  private Outcome fail(DispatchedClient client, String message) {
    if (answersElsewhere(client)) {
      return Outcome.HELD;
    }
    meter.error(message);
    if (!client.isSilent()) {
      scratch.begin(client).error(message);
      answer(client);
    }
    return Outcome.TAKEN;
  }

  private void answer(DispatchedClient client) {
    Lane lane = client.lane();
    if (lane == Lane.NONE) {
      client.write(scratch.bytes(), 0, scratch.length());
      return;
    }
    client.enter(lane, scratch.length());
    CommandBatch batch = lane == Lane.LOG ? log : lane == Lane.READ ? reads : staleReads;
    batch.addAnswer(client, scratch.bytes(), scratch.length());
    handOverSoon();
  }

  // ---- Waiting for a leader ----

  private Outcome parkOrReject(DispatchedClient client, CommandSpec spec, Leadership present) {
    if (hasWaitedEnough(present)) {
      return reject(client, spec, ErrorReplies.NO_LEADER);
    }
    parked.addLast(client);
    return Outcome.HELD;
  }

  /** To be called now and then: those who waited long enough hear that there is no leader. */
  public void onTick() {
    Leadership present = leadership.present();
    if (!parked.isEmpty() && !present.isKnown() && hasWaitedEnough(present)) {
      resumeParked();
    }
  }

  private boolean hasWaitedEnough(Leadership present) {
    long waitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis.getAsLong());
    return System.nanoTime() - present.sinceNanos() >= waitNanos;
  }

  private void resumeParked() {
    List<DispatchedClient> resumed = new ArrayList<>(parked);
    parked.clear();
    resumed.forEach(DispatchedClient::resume);
  }

  // ---- Handing on ----

  private void handOverSoon() {
    if (!isHandOverDue) {
      isHandOverDue = true;
      loop.execute(this::handOver); // Runs when this turn's sockets have been read.
    }
  }

  private void handOver() {
    isHandOverDue = false;
    if (staleReads.count() > 0) {
      CommandBatch batch = staleReads;
      staleReads = new CommandBatch();
      apply.execute(() -> ends.executeStale(batch));
    }
    // Decided here, not on the raft loop: a batch that is still empty stays ours, and grows.
    boolean hasLog = log.count() > 0;
    boolean hasReads = reads.count() > 0;
    if (!hasLog && !hasReads) {
      return;
    }
    CommandBatch nextLog = log;
    CommandBatch nextReads = reads;
    if (hasLog) {
      log = new CommandBatch();
    }
    if (hasReads) {
      reads = new CommandBatch();
    }
    raftLoop.execute(
        () -> {
          if (hasLog) {
            writePath.submit(nextLog);
          }
          if (hasReads) {
            writePath.read(nextReads);
          }
        });
  }
}
