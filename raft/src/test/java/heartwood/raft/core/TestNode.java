package heartwood.raft.core;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A core whose disk is the test: node 1, and what it handed out to be persisted waits until the
 * test says so. Not thread-safe.
 */
final class TestNode {
  static final CoreOptions OPTIONS =
      CoreOptions.DEFAULT.withTimes(10, 2).withMaxAppendBytes(1 << 20).withMaxWindowBytes(1 << 20);

  private final RaftCore core;
  private final ArrayDeque<Effect.Persist> unpersisted = new ArrayDeque<>();

  private TestNode(RaftCore core) {
    this.core = core;
  }

  // ---- Builders ----

  static Builder followerOf(int voterCount, long term) {
    return new Builder(configurationOf(voterCount), term, Role.FOLLOWER);
  }

  static Builder candidateOf(int voterCount, long term) {
    return new Builder(configurationOf(voterCount), term, Role.CANDIDATE);
  }

  /** A leader whose first entry, behind the log given, is durable and not replicated. */
  static Builder leaderOf(int voterCount, long term) {
    return new Builder(configurationOf(voterCount), term, Role.LEADER);
  }

  static long term(long term) {
    return term;
  }

  static Configuration configurationOf(int voterCount) {
    List<Member> members = new ArrayList<>();
    for (int number = 1; number <= voterCount; number++) {
      members.add(member(number));
    }
    return Configuration.of(members);
  }

  static Member member(int number) {
    return new Member(node(number), "host" + number, 0, 0, 0, 0);
  }

  static NodeId node(int number) {
    return new NodeId(number);
  }

  static Set<NodeId> nodes(Integer... numbers) {
    Set<NodeId> nodes = new TreeSet<>();
    Arrays.asList(numbers).forEach(number -> nodes.add(node(number)));
    return nodes;
  }

  static final class Builder {
    private Configuration configuration;
    private final long term;
    private final Role role;
    private CoreOptions options = OPTIONS;
    private long[] logTerms = {};
    private long commitIndex;
    private @Nullable NodeId votedFor;

    Builder(Configuration configuration, long term, Role role) {
      this.configuration = configuration;
      this.term = term;
      this.role = role;
    }

    /** The term of each entry, from index 1 on. */
    Builder withLogTerms(long... terms) {
      logTerms = terms;
      return this;
    }

    Builder withCommitIndex(long index) {
      commitIndex = index;
      return this;
    }

    Builder withVoteFor(int number) {
      votedFor = node(number);
      return this;
    }

    Builder withOptions(CoreOptions given) {
      options = given;
      return this;
    }

    Builder withLearner(int number) {
      List<Member> members = new ArrayList<>(configuration.members());
      members.add(member(number));
      configuration = new Configuration(members, configuration.voters(), Set.of(), nodes(number));
      return this;
    }

    TestNode build() {
      long start = role == Role.FOLLOWER ? term : term - 1;
      RaftCore core =
          new RaftCore(
              node(1),
              options,
              7,
              start,
              votedFor,
              logOf(logTerms),
              commitIndex,
              commitIndex,
              new ConfigurationLog(configuration));
      TestNode node = new TestNode(core);
      if (role != Role.FOLLOWER) {
        node.campaign();
      }
      if (role == Role.LEADER) {
        node.win();
      }
      return node;
    }
  }

  static RaftLog logOf(long... terms) {
    return logWithEntriesOf(10, terms);
  }

  static RaftLog logWithEntriesOf(int entryBytes, long... terms) {
    TreeMap<Long, Long> termByFirstIndex = new TreeMap<>();
    for (int i = 0; i < terms.length; i++) {
      if (i == 0 || terms[i] != terms[i - 1]) {
        termByFirstIndex.put(i + 1L, terms[i]);
      }
    }
    return new RaftLog(0, 0, terms.length, termByFirstIndex, entryBytes);
  }

  // ---- Doing ----

  RaftCore core() {
    return core;
  }

  List<Effect> step(Input input) {
    List<Effect> effects = core.step(input);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Persist persist) {
        unpersisted.addLast(persist);
      }
    }
    return effects;
  }

  List<Effect> receive(int from, Message message) {
    return step(new Input.Receive(node(from), message));
  }

  List<Effect> tick(int ticks) {
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < ticks; i++) {
      effects.addAll(step(new Input.Tick()));
    }
    return effects;
  }

  List<Effect> propose(int bytes) {
    return step(new Input.Propose(EntryKind.COMMANDS, new byte[bytes]));
  }

  /** The oldest write is done: what it held back leaves, and what it causes follows. */
  List<Effect> persistOne() {
    Effect.Persist persist = unpersisted.removeFirst();
    List<Effect> effects = new ArrayList<>(persist.messages());
    effects.addAll(step(new Input.Persisted(persist.sequence())));
    return effects;
  }

  List<Effect> persistAll() {
    List<Effect> effects = new ArrayList<>();
    while (!unpersisted.isEmpty()) {
      effects.addAll(persistOne());
    }
    return effects;
  }

  /** Waits for the election timeout, and gets every pre-vote. */
  List<Effect> campaign() {
    tickUntilRoleChanges();
    for (NodeId peer : peers()) {
      if (core.role() == Role.PRE_CANDIDATE) {
        receive(peer.number(), new Message.RequestVoteReply(core.currentTerm() + 1, true, true));
      }
    }
    return persistAll();
  }

  /** Ticks until the node becomes a pre-candidate, or more. */
  List<Effect> tickUntilRoleChanges() {
    Role before = core.role();
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < 2 * OPTIONS.electionTimeoutTicks() && core.role() == before; i++) {
      effects.addAll(tick(1));
    }
    return effects;
  }

  private void win() {
    for (NodeId peer : peers()) {
      if (core.role() == Role.CANDIDATE) {
        receive(peer.number(), granted(core.currentTerm()));
      }
    }
    persistAll();
  }

  private Collection<NodeId> peers() {
    TreeSet<NodeId> peers = new TreeSet<>(core.configuration().voters());
    peers.remove(node(1));
    return peers;
  }

  // ---- Saying ----

  static Message granted(long term) {
    return new Message.RequestVoteReply(term, false, true);
  }

  static Message refused(long term) {
    return new Message.RequestVoteReply(term, false, false);
  }

  static Message requestVote(long term, long lastLogIndex, long lastLogTerm) {
    return new Message.RequestVote(term, lastLogIndex, lastLogTerm, false, false);
  }

  static Message requestPreVote(long term, long lastLogIndex, long lastLogTerm) {
    return new Message.RequestVote(term, lastLogIndex, lastLogTerm, true, false);
  }

  static Message accepted(long term, long matchIndex) {
    return new Message.AppendEntriesAccepted(term, matchIndex);
  }

  static Message heartbeat(long term, long leaderCommit) {
    return new Message.Heartbeat(term, leaderCommit, 0);
  }

  /** AppendEntries with entries of these terms behind (prevLogIndex, prevLogTerm). */
  static Message append(
      long term, long prevLogIndex, long prevLogTerm, long leaderCommit, long... entryTerms) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < entryTerms.length; i++) {
      entries.add(
          new LogEntry(prevLogIndex + 1 + i, entryTerms[i], EntryKind.COMMANDS, new byte[10]));
    }
    return new Message.AppendEntries(term, prevLogIndex, prevLogTerm, leaderCommit, entries);
  }

  /** What may leave at once. */
  static List<Message> sent(List<Effect> effects, int to) {
    List<Message> messages = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send && send.to().equals(node(to))) {
        messages.add(send.message());
      }
    }
    return messages;
  }

  static List<Message> sent(List<Effect> effects) {
    List<Message> messages = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send) {
        messages.add(send.message());
      }
    }
    return messages;
  }

  static <T extends Effect> List<T> only(Class<T> kind, List<Effect> effects) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The terms of the log, from the first entry behind the base on. */
  List<Long> logTerms() {
    List<Long> terms = new ArrayList<>();
    for (long index = core.baseIndex() + 1; index <= core.lastIndex(); index++) {
      terms.add(core.termAt(index));
    }
    return terms;
  }
}
