package heartwood.server.dispatch;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.Role;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.LeaderLease;
import heartwood.raft.node.NodeClock;
import heartwood.raft.node.NodeExecutors;
import heartwood.raft.node.NodeListener;
import heartwood.raft.node.NodeOptions;
import heartwood.raft.node.RaftNode;
import heartwood.resp.ReplySink;
import heartwood.resp.Request;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandTable;
import heartwood.server.command.ConnectionFamilies;
import heartwood.server.command.DataCommands;
import heartwood.server.command.SlowLog;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.ServerConfig;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.replication.EntryProposal;
import heartwood.server.replication.LongReads;
import heartwood.server.replication.RecordedReplies;
import heartwood.server.replication.ReplicatedKeyspace;
import heartwood.storage.Applied;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Node 1 of three, with everything between its clients and its state but the sockets. Its threads
 * are queues that {@link #settle} empties; clients, peers and time are the test's.
 *
 * <p>Node 2 grants and confirms whatever it is asked while {@link #isPeerUp}. Node 3 says what the
 * test has it say.
 */
final class DispatchRig implements NodeListener {
  private static final NodeId SELF = new NodeId(1);
  private static final NodeId PEER = new NodeId(2);
  private static final NodeId RIVAL = new NodeId(3);
  private static final int UNKNOWN_AFTER_TICKS = 150;
  private static final int MAX_TICKS = 100;
  static final long LEASE_NANOS = 1_000_000_000;

  final ArrayDeque<Runnable> loop = new ArrayDeque<>();
  private final ArrayDeque<Runnable> apply = new ArrayDeque<>();
  private final ArrayDeque<Runnable> raftLoop = new ArrayDeque<>();
  private final ArrayDeque<Runnable> logWork = new ArrayDeque<>();
  final Backlog backlog;
  private final ArrayDeque<Runnable> snapshotWork = new ArrayDeque<>();
  private final ArrayDeque<Runnable> readers = new ArrayDeque<>();
  private final List<Member> members = new ArrayList<>();
  private final List<Message> sent = new ArrayList<>();

  final LeadershipView leadership = new LeadershipView(System.nanoTime());
  final MemoryLog log = new MemoryLog(new NodeIdentity(1, SELF, 1));
  final CommandMeter meter =
      new CommandMeter(
          new SlowLog(new LiveConfig(ServerConfig.defaults(), null), Clock.systemUTC()));
  final List<String> forwarded = new ArrayList<>();
  final List<String> forwardedRequests = new ArrayList<>();
  final LongReads longReads;
  final ReplicatedKeyspace state;
  final WritePath writePath;
  final RaftNode node;
  final FollowerReadPath readPath;
  final BoundedStaleness staleness;
  final TimeWish timeWish;
  final LoopDispatcher dispatcher;

  boolean isPeerUp = true;
  boolean areHeartbeatsLost;
  boolean isLoopStuck;
  boolean isDiskStuck;
  boolean isApplyStuck;
  boolean areReadersStuck;
  boolean isStateFull;

  /** What commands hear that may add data, if they must not. */
  @Nullable String refusalOfData;

  boolean allowsCrossSlot;
  boolean readsAtFollower;
  boolean isLeaseWanted;
  long maxStalenessMillis;
  long leaderWaitMillis;
  long monotonicNanos;
  long clockMillis = 1_700_000_000_000L;
  long momentWaitMillis;
  long longReadMaxMillis = Long.MAX_VALUE;
  private int clientCount;

  /** The monotonic clock is the test's; the time of day is as far as {@link #clockMillis}. */
  private final NodeClock clock =
      new NodeClock() {
        @Override
        public long monotonicNanos() {
          return monotonicNanos;
        }

        @Override
        public long wallMillis() {
          return clockMillis;
        }
      };

  DispatchRig() {
    this(1_000_000);
  }

  DispatchRig(long leaderWaitMillis) {
    this(leaderWaitMillis, 1 << 30);
  }

  static DispatchRig withBacklog(long bytes) {
    return new DispatchRig(1_000_000, bytes);
  }

  private DispatchRig(long leaderWaitMillis, long backlogBytes) {
    this.leaderWaitMillis = leaderWaitMillis;
    backlog = new Backlog(backlogBytes);
    for (int number = 1; number <= 3; number++) {
      NodeId id = new NodeId(number);
      members.add(new Member(id, "host" + number, 7000 + number, 7100 + number, 0, 0));
    }
    Configuration configuration = Configuration.of(members);
    CommandTable table = new CommandTable();
    DataCommands.register(table);
    ConnectionFamilies.register(table);
    table.connection(
        "time",
        (args, connection, reply) -> {
          throw new IllegalStateException("as planned");
        });
    RecordedReplies replies =
        new RecordedReplies(
            answer ->
                loop.addLast(() -> ((ScriptedClient) answer.client()).deliver(answer.text())));
    KeyspaceCounters counters = new KeyspaceCounters();
    longReads =
        new LongReads(
            readers::addLast,
            apply::addLast,
            replies,
            meter,
            counters,
            () -> longReadMaxMillis,
            failure -> {
              throw new AssertionError("a long read has failed", failure);
            });
    state =
        new ReplicatedKeyspace(
            store(new Applied(0, 0, 0, 0, 0, ConfigurationCodec.encode(configuration))),
            table,
            replies,
            () -> clockMillis,
            meter,
            counters,
            this::onTimeWanted,
            longReads);
    OperationEnds ends = new OperationEnds(state, replies, leadership);
    writePath =
        new WritePath(
            apply::addLast, () -> clockMillis, () -> isStateFull, () -> refusalOfData, ends, 1);
    node =
        new RaftNode(
            SELF,
            NodeOptions.DEFAULT
                .withCore(CoreOptions.DEFAULT.withTimes(10, 2).withMaxUncommittedBytes(1 << 20))
                .withUnknownAfterTicks(UNKNOWN_AFTER_TICKS),
            7,
            log,
            new Snapshots(configuration),
            state,
            configuration,
            this::onSent,
            new NodeExecutors(
                raftLoop::addLast, logWork::addLast, apply::addLast, snapshotWork::addLast),
            this,
            new LeaderLease(clock, LEASE_NANOS, () -> isLeaseWanted));
    writePath.attachTo(node);
    readPath =
        new FollowerReadPath(
            node,
            writePath,
            apply::addLast,
            ends,
            () -> readsAtFollower,
            () -> this.leaderWaitMillis);
    staleness =
        new BoundedStaleness(
            node, clock, raftLoop::addLast, apply::addLast, ends, () -> maxStalenessMillis);
    timeWish =
        new TimeWish(
            node,
            writePath,
            apply::addLast,
            ends,
            state::isTimeWanted,
            () -> this.leaderWaitMillis);
    dispatcher =
        new LoopDispatcher(
            new LoopThreads(loop::addLast, raftLoop::addLast, apply::addLast),
            table,
            meter,
            leadership,
            new CommandWays(
                writePath,
                readPath,
                staleness,
                new WaitingClients(node, SELF, raftLoop::addLast, apply::addLast, ends),
                new MembershipDesk(node, SELF, apply::addLast, ends),
                ends,
                state.applied()),
            (client, spec, request) -> {
              forwarded.add(client + " " + spec);
              forwardedRequests.add(textOf(request));
            },
            new Scratch(),
            new DispatchSettings(
                () -> allowsCrossSlot,
                () -> this.leaderWaitMillis,
                () -> momentWaitMillis,
                () -> clockMillis),
            backlog);
    node.start();
    settle();
  }

  private static VersionedStore store(Applied applied) {
    MemoryTables tables = new MemoryTables();
    VersionedStore.initialize(tables, applied);
    return VersionedStore.openStepped(tables, Keyspace.rowKinds(), 1 << 24, () -> Long.MAX_VALUE);
  }

  private void onTimeWanted(long atLeastMillis) {
    raftLoop.addLast(() -> timeWish.want(atLeastMillis));
  }

  private static String textOf(Request request) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < request.count(); i++) {
      byte[] word = new byte[request.length(i)];
      request.copyTo(i, word, 0);
      words.add(new String(word, StandardCharsets.UTF_8));
    }
    return String.join(" ", words);
  }

  // ---- Clients ----

  /** A client of the redirect port. */
  ScriptedClient client() {
    return new ScriptedClient(this, ++clientCount, false, true);
  }

  /** A client that has not logged in. */
  ScriptedClient unknownClient() {
    return new ScriptedClient(this, ++clientCount, false, false);
  }

  /** A client of the proxy port. */
  ScriptedClient proxiedClient() {
    return new ScriptedClient(this, ++clientCount, true, true);
  }

  // ---- Threads and time ----

  /** Runs what all threads have to do, until nothing is left but for what is stuck. */
  void settle() {
    boolean ran = true;
    while (ran) {
      ran = runAll(raftLoop);
      ran |= runAll(snapshotWork);
      ran |= !isLoopStuck && runAll(loop);
      ran |= !isDiskStuck && runAll(logWork);
      ran |= !isApplyStuck && runAll(apply);
      ran |= !areReadersStuck && runAll(readers);
    }
  }

  /** Runs what there is to do, but leaves answers and hand-overs on the event loop. */
  void settleButLoop() {
    runAll(loop); // What clients have sent by now.
    isLoopStuck = true;
    settle();
    isLoopStuck = false;
  }

  private static boolean runAll(ArrayDeque<Runnable> work) {
    boolean ran = !work.isEmpty();
    while (!work.isEmpty()) {
      work.removeFirst().run();
    }
    return ran;
  }

  /** Has so much time pass that the fate of what is open cannot be waited for. */
  void giveUpOnOpenProposals() {
    for (int i = 0; i <= UNKNOWN_AFTER_TICKS; i++) {
      node.tick();
      settle();
    }
  }

  // ---- Peers ----

  private void onSent(NodeId to, Message message) {
    sent.add(message);
    boolean isLost = areHeartbeatsLost && message instanceof Message.Heartbeat;
    Message reply = to.equals(PEER) && isPeerUp && !isLost ? confirmation(message) : null;
    if (reply != null) {
      raftLoop.addLast(() -> node.receive(PEER, reply));
    }
  }

  private static @Nullable Message confirmation(Message message) {
    if (message instanceof Message.RequestVote vote) {
      return new Message.RequestVoteReply(vote.term(), vote.preVote(), true);
    } else if (message instanceof Message.AppendEntries append) {
      return new Message.AppendEntriesAccepted(
          append.term(), append.prevLogIndex() + append.entries().size());
    } else if (message instanceof Message.Heartbeat heartbeat) {
      return new Message.HeartbeatReply(heartbeat.term(), heartbeat.round());
    }
    return null;
  }

  /** Node 2 is there again, and hears what was lost. */
  void reconnectPeer() {
    isPeerUp = true;
    node.unreachable(PEER);
    settle();
    tick();
  }

  /** A unit of time passes, once everything is done, and all that comes of it. */
  void tick() {
    settle();
    node.tick();
    readPath.tick();
    timeWish.tick();
    settle();
  }

  /** Becomes leader, by the vote of node 2, and says what time it is. */
  DispatchRig lead() {
    isPeerUp = true;
    for (int i = 0; i < MAX_TICKS && !node.isLeader(); i++) {
      node.tick();
      settle();
    }
    writePath.proposeTime(0);
    settle();
    return this;
  }

  /** Node 3 shows itself as leader of a later term. */
  DispatchRig follow() {
    node.receive(RIVAL, new Message.Heartbeat(node.core().currentTerm() + 1, 0, 0));
    settle();
    return this;
  }

  /** Node 3, as leader of a later term, has replaced this entry by its own and committed that. */
  void followCommitOf(long index) {
    followEntry(index, index);
  }

  /** The present leader, node 3, adds an entry of time to the log and commits it. */
  void followNext() {
    long term = node.core().currentTerm();
    long last = node.core().lastIndex();
    byte[] time = new EntryProposal(List.of(), 0, clockMillis, 1, fate -> {}).payload();
    LogEntry entry = new LogEntry(last + 1, term, EntryKind.COMMANDS, time);
    node.receive(
        RIVAL,
        new Message.AppendEntries(term, last, node.core().termAt(last), last + 1, List.of(entry)));
    settle();
  }

  /** Node 3, as leader of a later term, replaces this entry and all behind it by one. */
  void followEntry(long index, long leaderCommit) {
    long term = node.core().currentTerm() + 1;
    byte[] time = new EntryProposal(List.of(), 0, clockMillis, 1, fate -> {}).payload();
    LogEntry entry = new LogEntry(index, term, EntryKind.COMMANDS, time);
    node.receive(
        RIVAL,
        new Message.AppendEntries(
            term, index - 1, node.core().termAt(index - 1), leaderCommit, List.of(entry)));
    settle();
  }

  /** Node 3 brings its snapshot, up to where the state is about to be replaced. */
  void pullSnapshot(long lastIncludedIndex) {
    isApplyStuck = true;
    long term = node.core().currentTerm() + 1;
    SnapshotId snapshot = new SnapshotId(RIVAL, lastIncludedIndex, term, 1, 0);
    node.receive(RIVAL, new Message.InstallSnapshot(term, snapshot));
    settle();
    node.receive(RIVAL, new Message.SnapshotChunk(term, snapshot, 0, new byte[1]));
    settle();
  }

  /** The present leader, node 3, tells how far is committed. */
  void learnCommit(long leaderCommit) {
    node.receive(RIVAL, new Message.Heartbeat(node.core().currentTerm(), leaderCommit, 0));
    settle();
  }

  /** Node 3 answers the last question for a read index. */
  void answerReadIndex(long readIndex, long leaderCommit) {
    Message.ReadIndexRequest asked = last(Message.ReadIndexRequest.class);
    node.receive(
        RIVAL,
        new Message.ReadIndexReply(asked.term(), asked.requestId(), readIndex, leaderCommit));
    settle();
  }

  /** How many messages of a kind were sent. */
  long sentCount(Class<? extends Message> kind) {
    return sent.stream().filter(kind::isInstance).count();
  }

  private <M extends Message> M last(Class<M> kind) {
    List<M> all = sent.stream().filter(kind::isInstance).map(kind::cast).toList();
    return all.get(all.size() - 1);
  }

  /** How many rounds were asked of node 2 to make sure of the leadership. */
  long readRounds() {
    return sent.stream()
        .filter(message -> message instanceof Message.Heartbeat heartbeat && heartbeat.round() > 0)
        .map(message -> ((Message.Heartbeat) message).round())
        .distinct()
        .count();
  }

  // ---- What the node reports ----

  @Override
  public void onRoleChanged(Role role, long term, @Nullable NodeId leaderId) {
    Member leader = leaderId == null ? null : members.get(leaderId.number() - 1);
    Member last = leader == null ? leadership.present().lastLeader() : leader;
    leadership.set(new Leadership(role == Role.LEADER, term, leader, last, System.nanoTime()));
  }

  @Override
  public void onConfigurationChanged(Configuration configuration) {}

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
    throw new AssertionError("the node has failed", failure);
  }

  /** A reply that an event loop makes itself. */
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

  /** Receives any snapshot in one piece, and installs a state without keys in its place. */
  private final class Snapshots implements SnapshotStore {
    private final Configuration configuration;
    private long receivedBytes;

    Snapshots(Configuration configuration) {
      this.configuration = configuration;
    }

    @Override
    public SnapshotId stage() {
      throw new AssertionError("nobody lags");
    }

    @Override
    public @Nullable SnapshotId offered() {
      return null;
    }

    @Override
    public @Nullable SnapshotId receiving() {
      return null;
    }

    @Override
    public boolean checkOffered() {
      return true;
    }

    @Override
    public void withdraw() {}

    @Override
    public void discardReceived() {}

    @Override
    public byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes) {
      return null;
    }

    @Override
    public long receivedBytes(SnapshotId snapshot) {
      return receivedBytes;
    }

    @Override
    public void receive(SnapshotId snapshot, long offset, byte[] bytes) {
      receivedBytes = offset + bytes.length;
    }

    @Override
    public Configuration install(SnapshotId snapshot) {
      VersionedStore former = state.store();
      state.endLongReads();
      former.close();
      state.load(
          store(
              new Applied(
                  snapshot.lastIncludedIndex(),
                  snapshot.lastIncludedTerm(),
                  1000,
                  clockMillis,
                  0,
                  ConfigurationCodec.encode(configuration))));
      return configuration;
    }
  }
}
