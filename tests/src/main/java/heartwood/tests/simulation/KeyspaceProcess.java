package heartwood.tests.simulation;

import heartwood.raft.core.Role;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.NodeClock;
import heartwood.raft.node.Proposal;
import heartwood.raft.node.RaftNode;
import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandTable;
import heartwood.server.command.DataCommands;
import heartwood.server.command.SlowLog;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.ServerConfig;
import heartwood.server.dispatch.Backlog;
import heartwood.server.dispatch.BoundedStaleness;
import heartwood.server.dispatch.CommandWays;
import heartwood.server.dispatch.DispatchSettings;
import heartwood.server.dispatch.DispatchedClient;
import heartwood.server.dispatch.ErrorReplies;
import heartwood.server.dispatch.FollowerReadPath;
import heartwood.server.dispatch.Leadership;
import heartwood.server.dispatch.LeadershipView;
import heartwood.server.dispatch.LoopDispatcher;
import heartwood.server.dispatch.LoopThreads;
import heartwood.server.dispatch.MembershipDesk;
import heartwood.server.dispatch.OperationEnds;
import heartwood.server.dispatch.ReplyScratch;
import heartwood.server.dispatch.WaitingClients;
import heartwood.server.dispatch.WritePath;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.replication.LongReads;
import heartwood.server.replication.ReplicatedKeyspace;
import heartwood.storage.StorageException;
import heartwood.storage.version.VersionedStore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One process of a node: everything that the real one has between its connections and its store,
 * wired as {@code ServerNode} does it, on simulated threads. Confined to the simulation.
 */
final class KeyspaceProcess {
  private static final int SWEEP_TICKS = 10;

  /** So little that a few clients with long values fill it. */
  private static final long BACKLOG_BYTES = 4_000;

  private static final int SAMPLE_TICKS = 100;

  /** The same for all: it is only read. */
  private static final CommandTable TABLE = new CommandTable();

  static {
    DataCommands.register(TABLE);
  }

  private final SimNode node;
  private final Executor raftLoop;
  private final Executor clientLoop;
  private final Executor apply;
  private final LeadershipView leadership = new LeadershipView(System.nanoTime());
  private final ReplicatedKeyspace state;
  private final OperationEnds ends;
  private final WritePath writePath;
  private final CommandMeter meter =
      new CommandMeter(
          new SlowLog(new LiveConfig(ServerConfig.defaults(), null), Clock.systemUTC()));
  private final List<SimConnection> connections = new ArrayList<>();
  private final long leaderWaitMillis;
  private @Nullable RaftNode raft;
  private @Nullable LoopDispatcher dispatcher;
  private @Nullable WaitingClients waitingClients;
  private long ticks;
  private boolean asksForSweep;

  /**
   * @param leaderWaitMillis 0 or what is never over: no real clock may decide
   */
  KeyspaceProcess(
      SimNode node, SimThreads threads, VersionedStore store, long seed, long leaderWaitMillis) {
    this.node = node;
    this.raftLoop = threads.loop();
    this.clientLoop = threads.clients();
    this.apply = threads.apply();
    this.leaderWaitMillis = leaderWaitMillis;
    SimReplies replies = new SimReplies();
    KeyspaceCounters counters = new KeyspaceCounters();
    LongReads longReads =
        new LongReads(
            threads.snapshot(),
            apply,
            replies,
            meter,
            counters,
            () -> Long.MAX_VALUE,
            failure -> {
              throw new SimulationFailure(node.id() + "'s reader fails", failure);
            });
    state =
        new ReplicatedKeyspace(
            store,
            TABLE,
            replies,
            node::clockMillis,
            meter,
            counters,
            atLeast -> raftLoop.execute(() -> writePath().proposeTime(atLeast)),
            longReads);
    ends = new OperationEnds(state, replies, leadership);
    writePath =
        new WritePath(
            apply, node::clockMillis, () -> state.store().isFull(), () -> null, ends, seed);
  }

  private WritePath writePath() {
    return writePath;
  }

  /** Raft comes second. */
  void attach(RaftNode newRaft) {
    raft = newRaft;
    writePath.attachTo(newRaft);
    WaitingClients waiting = new WaitingClients(newRaft, node.id(), raftLoop, apply, ends);
    waitingClients = waiting;
    dispatcher =
        new LoopDispatcher(
            new LoopThreads(clientLoop, raftLoop, apply),
            TABLE,
            meter,
            leadership,
            new CommandWays(
                writePath,
                new FollowerReadPath(
                    newRaft, writePath, apply, ends, () -> false, () -> leaderWaitMillis),
                new BoundedStaleness(newRaft, NodeClock.SYSTEM, raftLoop, apply, ends, () -> 0),
                waiting,
                new MembershipDesk(newRaft, node.id(), apply, ends),
                ends,
                state.applied()),
            (client, spec, request) -> refuseForward(client),
            new Scratch(),
            new DispatchSettings(() -> true, () -> leaderWaitMillis, () -> 0, node::clockMillis),
            new Backlog(BACKLOG_BYTES));
  }

  /**
   * Links to other nodes' dispatchers are not simulated: it was not sent, so it is not executed.
   */
  private void refuseForward(DispatchedClient client) {
    ((SimConnection) client).answer("-" + ErrorReplies.NOT_EXECUTED);
  }

  ReplicatedKeyspace state() {
    return state;
  }

  LoopDispatcher dispatcher() {
    LoopDispatcher present = dispatcher;
    if (present == null) {
      throw new IllegalStateException(node.id() + " is not attached");
    }
    return present;
  }

  Executor clientLoop() {
    return clientLoop;
  }

  String name() {
    return node.id().toString();
  }

  int nodeNumber() {
    return node.id().number();
  }

  // ---- Connections ----

  SimConnection accept(long id, KeyspaceClient peer) {
    SimConnection connection = new SimConnection(this, id, peer);
    connections.removeIf(SimConnection::isGone);
    connections.add(connection);
    return connection;
  }

  void receive(SimConnection connection, Arguments command) {
    clientLoop.execute(
        () -> {
          if (!connection.isGone()) {
            connection.receive(command);
          }
        });
  }

  /** Those that are still open. */
  List<SimConnection> connections() {
    return List.copyOf(connections);
  }

  /** A connection whose client waits for a reply; null: none. */
  @Nullable SimConnection unanswered() {
    for (SimConnection connection : connections) {
      if (!connection.isGone() && connection.unansweredCount() > 0) {
        return connection;
      }
    }
    return null;
  }

  // ---- What the node does by itself ----

  void onTick() {
    writePath.maybePropose();
    dispatcher().onTick();
    WaitingClients waiting = waitingClients;
    if (waiting != null) {
      waiting.check();
    }
    ticks++;
    boolean isSweepDue = ticks % SWEEP_TICKS == 0 || state.isSweepUnfinished();
    RaftNode present = raft;
    if (isSweepDue
        && present != null
        && present.isLeader()
        && !asksForSweep
        && !writePath.isSweeping()) {
      asksForSweep = true;
      apply.execute(() -> survive(this::maybeSweep));
    }
    if (ticks % SAMPLE_TICKS == 0) {
      apply.execute(() -> survive(state::countKeys));
    }
  }

  /** What has failed in the store stops the node when it applies the next entry, not here. */
  private static void survive(Runnable chore) {
    try {
      chore.run();
    } catch (StorageException lasting) {
      return;
    }
  }

  private void maybeSweep() {
    boolean wantsSweep = state.wantsSweep();
    raftLoop.execute(
        () -> {
          asksForSweep = false;
          if (wantsSweep) {
            writePath.proposeSweep();
          }
        });
  }

  void onRoleChanged(Role role, long term, @Nullable NodeId leaderId) {
    RaftNode present = raft;
    if (present == null) {
      return;
    }
    Leadership former = leadership.present();
    Configuration configuration = present.core().configuration();
    Member leader = leaderId == null ? null : configuration.member(leaderId);
    leadership.set(
        new Leadership(
            role == Role.LEADER,
            term,
            leader,
            leader != null ? leader : former.lastLeader(),
            former.sinceNanos()));
    if (role == Role.LEADER && !former.isSelf()) {
      writePath.proposeTime(0);
    }
    WaitingClients waiting = waitingClients;
    if (former.isSelf() && role != Role.LEADER && waiting != null) {
      waiting.onLeadershipLost();
    }
  }

  void onProposalSlot() {
    writePath.maybePropose();
  }

  void apply(LogEntry entry, @Nullable Proposal proposal) {
    state.apply(entry, proposal);
  }

  /** A reply that the event loop makes itself. */
  private static final class Scratch implements ReplyScratch {
    private final ByteBuf buffer = Unpooled.buffer();
    private final ByteBufReplySink sink = new ByteBufReplySink(buffer, RespVersion.RESP2);

    @Override
    public ReplySink begin(DispatchedClient client) {
      buffer.clear();
      return sink;
    }

    @Override
    public byte[] bytes() {
      return buffer.array();
    }

    @Override
    public int length() {
      return buffer.writerIndex();
    }
  }
}
