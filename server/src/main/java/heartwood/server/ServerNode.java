package heartwood.server;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.RaftCore;
import heartwood.raft.core.Role;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.DivergenceException;
import heartwood.raft.node.LeaderLease;
import heartwood.raft.node.NodeClock;
import heartwood.raft.node.NodeExecutors;
import heartwood.raft.node.NodeListener;
import heartwood.raft.node.NodeOptions;
import heartwood.raft.node.RaftNode;
import heartwood.raft.node.ReadCounters;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandTable;
import heartwood.server.command.DataCommands;
import heartwood.server.command.NodeCommands;
import heartwood.server.command.NodeIdentity;
import heartwood.server.command.NodePorts;
import heartwood.server.command.RaftStatus;
import heartwood.server.command.SlowLog;
import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.NetworkRules;
import heartwood.server.config.ServerConfig;
import heartwood.server.dispatch.BoundedStaleness;
import heartwood.server.dispatch.CommandWays;
import heartwood.server.dispatch.FollowerReadPath;
import heartwood.server.dispatch.Leadership;
import heartwood.server.dispatch.LeadershipView;
import heartwood.server.dispatch.MembershipDesk;
import heartwood.server.dispatch.OperationEnds;
import heartwood.server.dispatch.TimeWish;
import heartwood.server.dispatch.WaitingClients;
import heartwood.server.dispatch.WritePath;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.net.NodeNetwork;
import heartwood.server.net.Outboxes;
import heartwood.server.net.Sockets;
import heartwood.server.net.TrafficCounters;
import heartwood.server.replication.LongReads;
import heartwood.server.replication.ReplicatedKeyspace;
import heartwood.storage.DiskFault;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of Heartwood, whole: data, threads, consensus, listeners. The composition root. Public
 * methods may be called by any thread.
 */
public final class ServerNode implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ServerNode.class);

  /** One unit of Raft's time. */
  private static final int TICK_MILLIS = 10;

  private static final int SHARED_LOOP_PROCESSORS = 2;
  private static final int SWEEP_TICKS = 10;

  private static final int SAMPLE_MILLIS = 1000;
  private static final int HAND_OVER_MILLIS = 1000;
  private static final String VERSION = "0.1.0";

  private final LiveConfig config;
  private final NodeData data;
  private final NodeThreads threads;
  private final Executor raftLoop;
  private final LeadershipView leadership = new LeadershipView(System.nanoTime());
  private final LongReads longReads;
  private final ReplicatedKeyspace state;
  private final DiskSpace diskSpace;
  private final WritePath writePath;
  private final RaftNode node;
  private final FollowerReadPath readPath;
  private final BoundedStaleness staleness;
  private final TimeWish timeWish;
  private final WaitingClients waitingClients;
  private final PeerContacts contacts;
  private final ClusterPicture picture;
  private final StateScrub scrub;
  private final NodeCounters counters;
  private final NodeNetwork network;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable ScheduledFuture<?> ticker;
  private @Nullable ScheduledFuture<?> sampler;
  private volatile boolean hasFailed;
  private volatile String whyFailed = "";
  private boolean isClosed;
  private int ticks;

  /** Who is asked to lead instead while there is too little room here. */
  private final HeirSearch heirs = new HeirSearch();

  /** The apply thread has been asked whether to sweep. Confined to the raft loop. */
  private boolean asksForSweep;

  /**
   * Opens data, threads and listeners; returns when the node listens.
   *
   * @param configFile what CONFIG REWRITE writes to, if anything
   * @throws StartException when it must not or cannot start; then nothing was touched
   */
  public static ServerNode start(ServerConfig config, @Nullable Path configFile) {
    return start(config, configFile, Clock.systemUTC());
  }

  /** The same with a clock of one's own, for tests of time. */
  public static ServerNode start(ServerConfig config, @Nullable Path configFile, Clock clock) {
    List<String> reasons = NetworkRules.reasonsNotToStart(config);
    if (!reasons.isEmpty()) {
      throw new StartException(String.join(" ", reasons));
    }
    PortCheck.requireFree(config);
    NodeData data = NodeData.open(config);
    ServerNode node = null;
    try {
      node = new ServerNode(new LiveConfig(config, configFile), clock, data);
      node.open();
      return node;
    } catch (RuntimeException | Error e) {
      boolean isDamaged = false;
      try {
        isDamaged = data.noteDamage(e);
      } catch (RuntimeException unnoted) {
        e.addSuppressed(unnoted);
      }
      if (node == null) {
        data.close();
      } else {
        node.hasFailed |= isDamaged;
        node.closeNow();
      }
      throw e;
    }
  }

  private ServerNode(LiveConfig config, Clock clock, NodeData data) {
    this.config = config;
    this.data = data;
    NodeId self = data.identity().nodeId();
    Sockets sockets = Sockets.ofThisMachine();
    threads =
        NodeThreads.start(
            self.toString(), sockets, clientLoops(config.current()), this::onStateFailure);
    Executor loop = threads.raftLoop();
    raftLoop = task -> loop.execute(() -> runOrFail(task));
    long seed = System.nanoTime() ^ data.identity().incarnation();

    diskSpace =
        new DiskSpace(
            self.toString(),
            data.directory(),
            () -> this.config.get(Directives.DISK_MIN_FREE),
            this::onDiskSpaceChange);
    Member selfMember = data.self(config.current());
    contacts = new PeerContacts(self, data.configuration());
    CommandTable table = new CommandTable();
    SlowLog slowLog = new SlowLog(this.config, clock);
    CommandMeter meter = new CommandMeter(slowLog);
    KeyspaceCounters keyspaceCounters = new KeyspaceCounters();
    TrafficCounters traffic = new TrafficCounters();
    Outboxes replies = new Outboxes();
    longReads =
        new LongReads(
            threads.readers(),
            threads.applying(),
            replies,
            meter,
            keyspaceCounters,
            () -> this.config.get(Directives.LONG_READ_MAX_MS),
            this::onStateFailure);
    state =
        new ReplicatedKeyspace(
            data.store(),
            table,
            replies,
            clock::millis,
            meter,
            keyspaceCounters,
            this::timeIsWanted,
            longReads);
    OperationEnds ends = new OperationEnds(state, replies, leadership);
    writePath =
        new WritePath(
            threads.apply(),
            clock::millis,
            () -> state.store().isFull(),
            diskSpace::refusal,
            ends,
            seed);
    network =
        new NodeNetwork(
            data.identity(),
            selfMember,
            data.log(),
            sockets,
            threads.raft(),
            threads.clients(),
            this.config);
    node =
        new RaftNode(
            self,
            nodeOptions(config.current()),
            seed,
            data.log(),
            data.snapshots(state, this::onStateFailure),
            state,
            data.configuration(),
            network.transport(this::onUnreachable),
            new NodeExecutors(raftLoop, threads.log(), threads.apply(), threads.snapshot()),
            new Listener(),
            lease(config.current()));
    writePath.attachTo(node);
    LongSupplier leaderWaitMillis = () -> this.config.get(Directives.LEADER_WAIT_MS);
    readPath =
        new FollowerReadPath(
            node,
            writePath,
            threads.apply(),
            ends,
            () -> this.config.get(Directives.FOLLOWER_READS).equals(Directives.READ_INDEX),
            leaderWaitMillis);
    staleness =
        new BoundedStaleness(
            node,
            NodeClock.SYSTEM,
            raftLoop,
            threads.apply(),
            ends,
            () -> this.config.get(Directives.READ_STALENESS_MAX));
    timeWish =
        new TimeWish(node, writePath, threads.apply(), ends, state::isTimeWanted, leaderWaitMillis);
    waitingClients = new WaitingClients(node, self, raftLoop, threads.apply(), ends);
    MembershipDesk desk = new MembershipDesk(node, self, threads.apply(), ends);
    picture =
        new ClusterPicture(
            data.identity().clusterId(),
            selfMember,
            node,
            data.log(),
            state::store,
            leadership,
            contacts,
            clock,
            config.get(Directives.ELECTION_TIMEOUT_MS),
            TICK_MILLIS,
            leaderWaitMillis,
            this::readsSoFar);
    scrub =
        new StateScrub(
            self.toString(),
            data.files(),
            data.wasInterrupted(),
            () -> this.config.get(Directives.SCRUB_INTERVAL),
            clock::millis,
            this::onStateFailure);
    counters =
        new NodeCounters(
            traffic,
            state::store,
            state::sizes,
            state::horizon,
            state::historySettings,
            meter,
            keyspaceCounters,
            waitingClients::count,
            longReads,
            data::stateBytes,
            scrub::present);
    network.prepare(
        table,
        meter,
        leadership,
        new CommandWays(
            writePath, readPath, staleness, waitingClients, desk, ends, state.applied()),
        threads.apply(),
        clock,
        traffic,
        peer -> node.core().configuration().isMember(peer),
        this::onMessage);
    DataCommands.register(table);
    NodeCommands.register(
        table,
        new NodePorts(
            new NodeIdentity(
                ClusterPicture.redisId(data.identity().clusterId(), self.toString()),
                ClusterPicture.redisId(data.identity().clusterId(), "shard"),
                UUID.randomUUID().toString().replace("-", "") + "00000000",
                VERSION,
                clock.millis()),
            picture,
            counters,
            network.clients(),
            this.config,
            slowLog,
            clock));
  }

  /** Few processors: no loops of their own for clients. */
  private static int clientLoops(ServerConfig config) {
    int wanted = config.get(Directives.IO_THREADS);
    int processors = Runtime.getRuntime().availableProcessors();
    return wanted > 0 ? wanted : processors <= SHARED_LOOP_PROCESSORS ? 0 : processors / 2;
  }

  private static NodeOptions nodeOptions(ServerConfig config) {
    int electionTimeoutTicks = config.get(Directives.ELECTION_TIMEOUT_MS) / TICK_MILLIS;
    int heartbeatTicks = Math.max(1, config.get(Directives.HEARTBEAT_MS) / TICK_MILLIS);
    return NodeOptions.DEFAULT
        .withCore(CoreOptions.DEFAULT.withTimes(electionTimeoutTicks, heartbeatTicks))
        .withMaxLogBytes(config.get(Directives.LOG_MAX_BYTES))
        .withSnapshotBytesPerTick(config.get(Directives.SNAPSHOT_MAX_RATE) * TICK_MILLIS / 1000)
        .withMaxWriteTicks(config.get(Directives.DISK_STALL_MAX_MS) / TICK_MILLIS);
  }

  private LeaderLease lease(ServerConfig initial) {
    long tickNanos = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    return new LeaderLease(
        NodeClock.SYSTEM,
        LeaderLease.lengthNanos(nodeOptions(initial).core(), tickNanos),
        () -> config.get(Directives.READ_MODE).equals(Directives.LEASE));
  }

  private RaftStatus.Reads readsSoFar() {
    ReadCounters reads = node.readCounters();
    return new RaftStatus.Reads(
        config.get(Directives.READ_MODE),
        reads.rounds(),
        reads.leaseReads(),
        reads.followerReads(),
        staleness.refusedCount());
  }

  private void open() {
    onRaftLoop(() -> follow(node.core().configuration()));
    onRaftLoop(node::start);
    // What is known committed is applied before anybody can ask.
    await(threads.apply(), state::countKeys);
    onRaftLoop(this::beginLeaderWait);
    Member self = data.self(config.current());
    diskSpace.start();
    scrub.start();
    network.listen(self, config.current());
    ticker = apart(TICK_MILLIS, threads.raft(), () -> runOrFail(this::tick));
    sampler = every(SAMPLE_MILLIS, threads.clients(), this::sample);
    logger.info(
        "{} listens on {} redirect={} proxy={} peer={} applied={}",
        self.id(),
        self.host(),
        port(),
        proxyPort(),
        peerPort(),
        state.appliedIndex());
  }

  /**
   * Never sooner one after the other: a process that was paused does not make up for the time that
   * it missed, and what voters promise is counted in ticks.
   */
  private static ScheduledFuture<?> apart(
      int millis, ScheduledExecutorService thread, Runnable task) {
    return thread.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  private static ScheduledFuture<?> every(
      int millis, ScheduledExecutorService thread, Runnable task) {
    return thread.scheduleAtFixedRate(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Clients wait for a leader from when they can ask on, not from when the log was replayed. */
  private void beginLeaderWait() {
    Leadership present = leadership.present();
    if (!present.isKnown()) {
      leadership.set(
          new Leadership(false, present.term(), null, present.lastLeader(), System.nanoTime()));
    }
  }

  private void follow(Configuration configuration) {
    network.follow(configuration);
    contacts.follow(configuration);
  }

  private void onMessage(NodeId from, Message message) {
    contacts.heard(from);
    node.receive(from, message);
    waitingClients.check();
  }

  /** Half a raft loop is worse than none: the others would not replace it. */
  private void runOrFail(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      node.fail(failure);
    }
  }

  private void tick() {
    node.tick();
    readPath.tick();
    timeWish.tick();
    waitingClients.check();
    writePath.maybePropose();
    network.tick();
    contacts.look(network::isConnected);
    maybeGiveWay();
    boolean isSweepDue = ++ticks % SWEEP_TICKS == 0 || state.isSweepUnfinished();
    if (isSweepDue && isLeader() && !asksForSweep && !writePath.isSweeping()) {
      asksForSweep = true;
      threads.apply().execute(this::maybeSweep);
    }
  }

  private void onDiskSpaceChange() {
    boolean isLow = diskSpace.isLow();
    raftLoop.execute(
        () -> {
          node.setDiskLow(isLow);
          maybeGiveWay();
        });
  }

  private void maybeGiveWay() {
    if (!diskSpace.isLow() || !isLeader()) {
      heirs.reset();
      return;
    }
    List<NodeId> others = new ArrayList<>(node.core().configuration().voters());
    others.remove(data.identity().nodeId());
    NodeId heir = heirs.tick(others, node.core()::matchIndex);
    if (heir != null) {
      node.transferLeadership(heir);
    }
  }

  /** On the apply thread, behind the sweep before. */
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

  private void sample() {
    counters.sample();
    threads.apply().execute(state::countKeys);
  }

  private void timeIsWanted(long atLeastMillis) {
    raftLoop.execute(() -> timeWish.want(atLeastMillis));
  }

  /** Any thread: what reads the state cannot go on. */
  private void onStateFailure(Throwable failure) {
    raftLoop.execute(() -> node.fail(failure));
  }

  private void onUnreachable(NodeId peer) {
    node.unreachable(peer);
  }

  /** Calls the listener with the configuration after each CONFIG SET, on the thread of that. */
  public void onConfigChange(Consumer<ServerConfig> listener) {
    config.onChange(listener);
  }

  public int port() {
    return network.redirectPort();
  }

  public int proxyPort() {
    return network.proxyPort();
  }

  public int peerPort() {
    return network.peerPort();
  }

  public boolean isLeader() {
    return leadership.present().isSelf();
  }

  /** Whether the node has stopped by itself, because it could not go on. */
  public boolean hasFailed() {
    return hasFailed;
  }

  /** Returns when the node has stopped, by {@link #close} or by a failure. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /**
   * Hands leadership over, and stops. What a client has sent and is not answered by then is unknown
   * to it, as when its node dies.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    if (!hasFailed) {
      handOver();
    }
    closeNow();
  }

  /** What is damaged is noted before anything else, for the next start. */
  private void stopAfter(Throwable failure) {
    try {
      data.noteDamage(failure);
    } finally {
      close();
    }
  }

  private void handOver() {
    if (!isLeader() || node.status().configuration().voters().size() == 1) {
      return;
    }
    raftLoop.execute(() -> node.transferLeadership(null));
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HAND_OVER_MILLIS);
    synchronized (leadership) {
      while (isLeader() && System.nanoTime() < deadline) {
        try {
          TimeUnit.NANOSECONDS.timedWait(leadership, Math.max(1, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private void closeNow() {
    for (ScheduledFuture<?> task : new ScheduledFuture<?>[] {ticker, sampler}) {
      if (task != null) {
        task.cancel(false);
      }
    }
    diskSpace.close();
    scrub.close();
    network.close();
    threads.close();
    state.endLongReads();
    threads.closeReaders();
    if (!hasFailed) {
      try {
        state.store().checkpoint(); // The next start has nothing to replay.
      } catch (RuntimeException e) {
        logger.warn("no checkpoint at the end; the log will be replayed", e);
      }
    }
    data.close();
    if (hasFailed) {
      logger.error("{} has stopped: {}", data.identity().nodeId(), whyFailed);
    } else {
      logger.info("{} has stopped", data.identity().nodeId());
    }
    ended.countDown();
  }

  private void onRaftLoop(Runnable task) {
    await(threads.raft(), task);
  }

  private static void await(ExecutorService executor, Runnable task) {
    try {
      executor.submit(task).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Called on the raft loop. */
  private final class Listener implements NodeListener {
    @Override
    public void onRoleChanged(Role role, long term, @Nullable NodeId leaderId) {
      Leadership former = leadership.present();
      Configuration configuration = node.core().configuration();
      Member leader = leaderId == null ? null : configuration.member(leaderId);
      if (role == Role.CANDIDATE) {
        picture.onElection();
      }
      if (leader != null && !leader.equals(former.lastLeader())) {
        picture.onLeaderChange();
      }
      boolean hadLeader = former.isKnown();
      boolean hasLeader = leader != null;
      leadership.set(
          new Leadership(
              role == Role.LEADER,
              term,
              leader,
              hasLeader ? leader : former.lastLeader(),
              hadLeader == hasLeader ? former.sinceNanos() : System.nanoTime()));
      if (role == Role.LEADER && !former.isSelf()) {
        writePath.proposeTime(0); // The first thing that a leader says is what time it is.
      }
      if (former.isSelf() && role != Role.LEADER) {
        waitingClients.onLeadershipLost();
        network.cutRedirectClients();
      }
      synchronized (leadership) {
        leadership.notifyAll();
      }
    }

    /** Its leader may be a member only now, or listen elsewhere. */
    @Override
    public void onConfigurationChanged(Configuration configuration) {
      follow(configuration);
      RaftCore core = node.core();
      Leadership present = leadership.present();
      NodeId leaderId = core.leader();
      Member leader = leaderId == null ? null : configuration.member(leaderId);
      if (leader != null && !leader.equals(present.leader())) {
        leadership.set(
            new Leadership(
                present.isSelf(), core.currentTerm(), leader, leader, System.nanoTime()));
      }
    }

    @Override
    public void onProposalSlot() {
      writePath.maybePropose();
    }

    @Override
    public void onTimeRequest() {
      writePath.proposeTime(0);
    }

    @Override
    public void onFailure(Throwable failure) {
      hasFailed = true;
      leadership.set(
          new Leadership(false, 0, null, leadership.present().lastLeader(), System.nanoTime()));
      if (failure instanceof DivergenceException) {
        runOrFail(() -> data.condemnState(String.valueOf(failure.getMessage())));
      }
      String disk = DiskFault.told(data.directory(), failure);
      whyFailed = disk == null ? failure.toString() : disk;
      Thread stopper = new Thread(() -> stopAfter(failure), "stopper");
      stopper.setDaemon(true);
      stopper.start();
    }
  }
}
