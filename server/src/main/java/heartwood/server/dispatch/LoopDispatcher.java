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
import heartwood.server.command.MembershipRequest;
import heartwood.server.command.Moment;
import heartwood.server.command.PastRead;
import heartwood.server.command.WaitCommand;
import heartwood.server.config.MemoryBounds;
import heartwood.server.dispatch.DispatchedClient.Lane;
import heartwood.server.replication.AppliedView;
import heartwood.server.replication.CommandBatch;
import java.util.concurrent.TimeUnit;
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

  private final LoopThreads threads;
  private final CommandTable table;
  private final CommandMeter meter;
  private final LeadershipView leadership;
  private final CommandWays ways;
  private final Forwarding forwarding;
  private final ReplyScratch scratch;
  private final DispatchSettings settings;
  private final Backlog backlog;

  private final Gathering gathering;
  private final HeldClients held;
  private final SlotRules slots;
  private final PastRouting pastRouting;

  private final Arguments arguments = new Arguments();
  private byte[] argumentBytes = new byte[512];

  /** What is being dispatched is a question of our own about a client's moment. */
  private boolean isAsking;

  public LoopDispatcher(
      LoopThreads threads,
      CommandTable table,
      CommandMeter meter,
      LeadershipView leadership,
      CommandWays ways,
      Forwarding forwarding,
      ReplyScratch scratch,
      DispatchSettings settings,
      Backlog backlog) {
    this.threads = threads;
    this.table = table;
    this.meter = meter;
    this.leadership = leadership;
    this.ways = ways;
    this.forwarding = forwarding;
    this.scratch = scratch;
    this.settings = settings;
    this.backlog = backlog;
    this.gathering = new Gathering(threads, ways);
    this.held =
        new HeldClients(threads.loop(), leadership, ways.applied(), settings.leaderWaitMillis());
    this.slots = new SlotRules(settings.allowsCrossSlot());
    this.pastRouting =
        new PastRouting(ways.applied(), settings.clockMillis(), settings.momentWaitMillis());
  }

  /** Takes one decoded command of a client, or asks for it again later. */
  public Outcome dispatch(DispatchedClient client, Request request) {
    if (client.unansweredCount() >= MAX_UNANSWERED
        || client.unansweredBytes() >= MAX_UNANSWERED_BYTES
        || (client.unansweredCount() > 0 && backlog.isCrowded())) {
      return Outcome.HELD;
    }
    client.beginCommand();
    Outcome outcome = dispatchBegun(client, request);
    if (outcome == Outcome.HELD) {
      client.holdCommand();
    }
    return outcome;
  }

  private Outcome dispatchBegun(DispatchedClient client, Request request) {
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
    if (spec.kind() == Kind.AT) {
      return at(client, spec, request);
    }
    Moment frozenAt = client.frozenAt();
    return frozenAt == null
        ? route(client, spec, request)
        : runFrozen(client, frozenAt, spec, request);
  }

  /** Answers an error that no command made, at its turn. */
  public void refuse(DispatchedClient client, String message) {
    scratch.begin(client).error(message);
    answer(client);
  }

  private Outcome route(DispatchedClient client, CommandSpec spec, Request request) {
    int slot =
        client.isProxied() || spec.onlyKey() >= 0
            ? SlotRules.NONE
            : slots.commonSlot(spec, request);
    if (slot == SlotRules.CROSS) {
      return reject(client, spec, ErrorReplies.CROSS_SLOT);
    }
    if (spec.kind() == Kind.WRITE && backlog.isFull()) {
      return reject(client, spec, ErrorReplies.OVERLOADED);
    }
    Leadership present = leadership.present();
    if (present.isSelf()) {
      return switch (spec.kind()) {
        case WRITE -> write(client, spec, request);
        case READ -> read(client, spec, request);
        case WAIT -> waitForNodes(client, spec, request);
        case MEMBERSHIP -> changeMembers(client, spec, request);
        case CONNECTION, AT -> throw new IllegalArgumentException(spec + " is not routed");
      };
    }
    if (client.isForwarded()) {
      return reject(client, spec, ErrorReplies.NOT_EXECUTED);
    }
    if (client.isReadOnly() && spec.kind() == Kind.READ) {
      return stale(client, spec, request);
    }
    if (spec.kind() == Kind.WAIT && !client.isProxied()) {
      return reject(client, spec, spec.waitCommand().refusalOfFollower());
    }
    Member leader = present.leader();
    if (leader == null) {
      return parkOrReject(client, spec, present);
    }
    if (!client.isProxied() && spec.hasKeys()) {
      int movedSlot = slot >= 0 ? slot : slots.firstSlot(spec, request);
      if (movedSlot >= 0) {
        return reject(client, spec, ErrorReplies.moved(movedSlot, leader));
      }
    }
    if (mayReadHere(client, spec)) {
      return read(client, spec, request);
    }
    if (!enter(client, Lane.FORWARD, request)) {
      return Outcome.HELD;
    }
    forwarding.forward(client, spec, request);
    return Outcome.TAKEN;
  }

  /** A read behind what was forwarded is forwarded too: it must see what that has written. */
  private boolean mayReadHere(DispatchedClient client, CommandSpec spec) {
    return spec.kind() == Kind.READ
        && client.isProxied()
        && ways.reads().isWanted()
        && client.canEnter(Lane.READ);
  }

  private Outcome write(DispatchedClient client, CommandSpec spec, Request request) {
    String refusal = ways.writes().refusal(spec);
    if (refusal != null) {
      return reject(client, spec, refusal);
    }
    if (!enter(client, Lane.LOG, request)) {
      return Outcome.HELD;
    }
    gathering.batch(Lane.LOG).addWrite(client, spec, request);
    return Outcome.TAKEN;
  }

  /** Behind unanswered writes a read goes with them; else it needs no log. */
  private Outcome read(DispatchedClient client, CommandSpec spec, Request request) {
    if (client.lane() == Lane.LOG) {
      client.enter(Lane.LOG, CommandBatch.commandBytes(request), backlog);
      gathering.batch(Lane.LOG).addRead(client, spec, request);
    } else if (enter(client, Lane.READ, request)) {
      gathering.batch(Lane.READ).addRead(client, spec, request);
    } else {
      return Outcome.HELD;
    }
    return Outcome.TAKEN;
  }

  private Outcome stale(DispatchedClient client, CommandSpec spec, Request request) {
    boolean mayWait = client.lane() == Lane.BOUNDED;
    Lane lane = !mayWait && ways.staleReads().allows() ? Lane.LOCAL : Lane.BOUNDED;
    if (!enter(client, lane, request)) {
      return Outcome.HELD;
    }
    gathering.batch(lane).addRead(client, spec, request);
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
    client.enter(Lane.WAIT, 0, backlog);
    meter.ran(spec, arguments, client, 0, null); // What passes meanwhile is not its work.
    threads.raftLoop().execute(() -> ways.waits().add(wait));
    return Outcome.TAKEN;
  }

  /** Begins when everything before it is answered, and is answered when it is committed. */
  private Outcome changeMembers(DispatchedClient client, CommandSpec spec, Request request) {
    if (client.lane() != Lane.NONE) {
      return Outcome.HELD;
    }
    decode(request);
    MembershipRequest asked;
    try {
      asked = spec.readMembership(arguments);
    } catch (CommandException e) {
      return reject(client, spec, e.reply());
    }
    Ask ask = new Ask(client, client.version(), client.isSilent());
    client.enter(Lane.WAIT, 0, backlog);
    meter.ran(spec, arguments, client, 0, null);
    threads.raftLoop().execute(() -> ways.membership().submit(ask, asked));
    return Outcome.TAKEN;
  }

  /** Ends a client's wait, see {@link WaitingClients#tryUnblock}. Any thread. */
  public boolean tryUnblock(DispatchedClient client, boolean withError) {
    return ways.waits().tryUnblock(client, withError);
  }

  private boolean enter(DispatchedClient client, Lane lane, Request request) {
    if (!client.canEnter(lane)) {
      return false;
    }
    client.enter(lane, CommandBatch.commandBytes(request), backlog);
    return true;
  }

  // ---- The past ----

  private Outcome at(DispatchedClient client, CommandSpec spec, Request request) {
    PastRead asked;
    try {
      asked = PastRead.parse(table, spec, request);
    } catch (CommandException e) {
      return reject(client, spec, e.reply());
    }
    String refusal = client.refusal(asked.spec(), asked.request().count());
    return refusal == null ? checkSlots(client, asked) : reject(client, asked.spec(), refusal);
  }

  private Outcome runFrozen(
      DispatchedClient client, Moment frozenAt, CommandSpec spec, Request request) {
    if (spec.kind() != Kind.READ) {
      return reject(client, spec, ErrorReplies.frozen(frozenAt, spec));
    }
    PastRead asked;
    try {
      asked = PastRead.of(frozenAt, spec, request);
    } catch (CommandException e) {
      return reject(client, spec, e.reply());
    }
    return checkSlots(client, asked);
  }

  private Outcome checkSlots(DispatchedClient client, PastRead asked) {
    boolean hasSlots = asked.hasCommand() && !client.isProxied();
    return hasSlots && slots.commonSlot(asked.spec(), asked.request()) == SlotRules.CROSS
        ? reject(client, asked.spec(), ErrorReplies.CROSS_SLOT)
        : readPast(client, asked);
  }

  private Outcome readPast(DispatchedClient client, PastRead asked) {
    AppliedView.Point reached = ways.applied().present();
    PastRouting.Way way = pastRouting.wayOf(asked.moment(), reached);
    return switch (way.place()) {
      case HERE -> readHere(client, asked, way.moment());
      case AT_LEADER -> readAtLeader(client, asked, way.moment());
      case LATER -> await(client, asked, way.error(), reached);
      case NOWHERE -> rejectPast(client, asked, way.error());
    };
  }

  /** At its place among the unanswered commands of its client, whichever way they go. */
  private Outcome readHere(DispatchedClient client, PastRead asked, Moment moment) {
    Lane lane = client.lane();
    boolean rides = (lane == Lane.LOG || lane == Lane.READ) && leadership.present().isSelf();
    if (!rides && !client.canEnter(Lane.LOCAL)) {
      return Outcome.HELD;
    }
    return addPastRead(client, rides ? lane : Lane.LOCAL, asked, moment);
  }

  private Outcome readAtLeader(DispatchedClient client, PastRead asked, Moment moment) {
    Leadership present = leadership.present();
    if (present.isSelf()) {
      boolean rides = moment instanceof Moment.Now && client.lane() == Lane.LOG;
      if (!rides && !client.canEnter(Lane.READ)) {
        return Outcome.HELD; // What is not over cannot be read in the midst of an entry.
      }
      return addPastRead(client, rides ? Lane.LOG : Lane.READ, asked, moment);
    }
    if (client.isForwarded()) {
      return rejectPast(client, asked, ErrorReplies.NOT_EXECUTED);
    }
    if (present.leader() == null) {
      return parkOrReject(client, asked.spec(), present);
    }
    if (!client.canEnter(Lane.FORWARD)) {
      return Outcome.HELD;
    }
    client.endAwait();
    Request request = asked.asRequest(moment);
    client.enter(Lane.FORWARD, CommandBatch.commandBytes(request), backlog);
    if (isAsking) {
      client.ask();
    }
    forwarding.forward(client, table.at(), request);
    return Outcome.TAKEN;
  }

  private Outcome addPastRead(DispatchedClient client, Lane lane, PastRead asked, Moment moment) {
    client.endAwait();
    client.enter(lane, CommandBatch.commandBytes(asked.request()), backlog);
    if (isAsking) {
      client.ask();
    }
    gathering.batch(lane).addPastRead(client, asked, moment);
    return Outcome.TAKEN;
  }

  private Outcome await(
      DispatchedClient client, PastRead asked, String error, AppliedView.Point reached) {
    boolean isUsual = asked.waitMillis() == PastRead.USUAL_WAIT;
    long waitMillis = isUsual ? settings.momentWaitMillis().getAsLong() : asked.waitMillis();
    if (client.awaitNanos() >= TimeUnit.MILLISECONDS.toNanos(waitMillis)) {
      return rejectPast(client, asked, error);
    }
    held.holdForMoment(client, reached);
    return Outcome.HELD;
  }

  private Outcome rejectPast(DispatchedClient client, PastRead asked, String error) {
    Outcome outcome = reject(client, asked.spec(), error);
    if (outcome == Outcome.TAKEN) {
      client.endAwait();
    }
    return outcome;
  }

  /**
   * Finds out what the moment comes to that a command about the connection names. The command is
   * held meanwhile, and finds the answer when it is dispatched again.
   */
  private Outcome ask(DispatchedClient client, Moment moment) {
    if (client.lane() != Lane.NONE) {
      return Outcome.HELD;
    }
    isAsking = true;
    Outcome outcome = readPast(client, PastRead.ofMoment(moment, table.at()));
    isAsking = false;
    boolean isOnItsWay = client.lane() != Lane.NONE;
    return isOnItsWay ? Outcome.HELD : outcome; // Else it waits for a leader, or was refused.
  }

  // ---- Commands that are answered here ----

  private Outcome runHere(DispatchedClient client, CommandSpec spec, Request request) {
    if (answersElsewhere(client)) {
      return Outcome.HELD;
    }
    decode(request);
    try {
      Moment moment = spec.findMoment(arguments, client.connection());
      if (moment != null) {
        DispatchedClient.Answer answer = client.takeAnswer();
        if (answer == null) {
          return ask(client, moment);
        }
        if (answer.moment() == null) {
          return reject(client, spec, answer.error());
        }
        client.connection().state().resolved(answer.moment());
      }
    } catch (CommandException e) {
      return reject(client, spec, e.reply());
    }
    long begin = System.nanoTime();
    ReplySink reply = scratch.begin(client);
    try {
      spec.run(arguments, client.connection(), reply);
    } catch (RuntimeException e) {
      logger.error("command failed: {}", spec, e);
      reply = scratch.begin(client);
      reply.error(ErrorReplies.INTERNAL);
    }
    client.connection().state().resolved(null);
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
    long length = Arguments.maxEncodedBytes(request);
    if (argumentBytes.length < length) {
      argumentBytes = new byte[(int) Math.min(Integer.MAX_VALUE - 16, length * 2)];
    }
    Arguments.encode(request, argumentBytes, 0);
    arguments.decode(argumentBytes, 0);
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
    client.enter(lane, scratch.length(), backlog);
    gathering.batch(lane).addAnswer(client, scratch.bytes(), scratch.length());
  }

  // ---- Waiting for a leader ----

  private Outcome parkOrReject(DispatchedClient client, CommandSpec spec, Leadership present) {
    if (held.hasWaitedEnough(present)) {
      return reject(client, spec, ErrorReplies.NO_LEADER);
    }
    held.holdForLeader(client);
    return Outcome.HELD;
  }

  /** To be called now and then: those who waited long enough hear that it was in vain. */
  public void onTick() {
    held.onTick();
  }
}
