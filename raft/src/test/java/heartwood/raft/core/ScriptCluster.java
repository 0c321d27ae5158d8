package heartwood.raft.core;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Cores that talk to each other only when a script says so. Each command returns what happened, a
 * line per effect.
 *
 * <pre>
 *   add-nodes 3 [terms=(1,1,2)]     as many voters, with these entries in their logs
 *   add-voter 1 7 [term=7] [terms=(1,2)] [bytes=100]
 *                                   node 1 of seven, in this term, with these entries of its own
 *   add-spare 4                     a node that nobody has told of the cluster
 *   campaign 1                      ticks until the node stands for election
 *   tick 1 [5]                      lets time pass for a node
 *   propose 1 [100]                 an entry of so many bytes
 *   read 1                          asks for a read index
 *   transfer 1 [2]                  asks a leader to hand over
 *   deliver 1 [drop=(2)]            messages to a node arrive; those from a dropped peer are lost
 *   lose 1                          messages to a node are lost
 *   persist 1 [all]                 the oldest write of a node is done, or all of them
 *   compact 1 3                     a node's log forgets up to an index
 *   stage 1 3                       a node has staged a snapshot of its state at an index
 *   install 2                       the snapshot that a node was offered is in
 *   stabilize [1 2]                 delivers and persists until nothing is left, for these nodes
 *   take-in 1 4, remove 1 2         asks a leader to change the configuration
 *   describe [1]                    a line per node
 *   log 1                           the terms of a node's entries, from the first on
 *   hush, speak                     what happens between the two is not written down
 * </pre>
 */
final class ScriptCluster {
  private record Wire(NodeId from, NodeId to, Message message) {}

  private static final class Node {
    private final RaftCore core;
    private final ArrayDeque<Effect.Persist> unpersisted = new ArrayDeque<>();
    private final TreeMap<Long, LogEntry> entries = new TreeMap<>();
    private SnapshotId offered = new SnapshotId(new NodeId(1), 0, 0, 0, 0);
    private long lastReadId;

    Node(RaftCore core) {
      this.core = core;
    }
  }

  private final TreeMap<NodeId, Node> nodes = new TreeMap<>();
  private final List<Wire> wires = new ArrayList<>();
  private StringBuilder out = new StringBuilder();
  private boolean isHushed;

  String run(String command) {
    out = new StringBuilder();
    List<String> words = new ArrayList<>();
    Set<NodeId> dropped = new HashSet<>();
    String terms = "";
    long term = 0;
    int entryBytes = 10;
    for (String word : command.trim().split(" +", -1)) {
      if (word.startsWith("drop=")) {
        listOf(word).forEach(number -> dropped.add(new NodeId(number.intValue())));
      } else if (word.startsWith("terms=")) {
        terms = word;
      } else if (word.startsWith("term=")) {
        term = numberOf(word.substring("term=".length()));
      } else if (word.startsWith("bytes=")) {
        entryBytes = Integer.parseInt(word.substring("bytes=".length()));
      } else {
        words.add(word);
      }
    }
    String verb = words.get(0);
    if (verb.equals("hush") || verb.equals("speak")) {
      isHushed = verb.equals("hush");
    } else if (verb.equals("log")) {
      idsOf(words.subList(1, words.size())).forEach(this::sayLog);
    } else if (verb.equals("add-voter")) {
      NodeId id = new NodeId(Integer.parseInt(words.get(1)));
      Configuration configuration = TestNode.configurationOf(Integer.parseInt(words.get(2)));
      add(id, configuration, term, arrayOf(listOf(terms)), entryBytes);
    } else if (verb.equals("add-spare")) {
      add(new NodeId(Integer.parseInt(words.get(1))), Configuration.NONE, 0, new long[0], 0);
    } else if (verb.equals("add-nodes")) {
      addNodes(Integer.parseInt(words.get(1)), listOf(terms));
    } else if (verb.equals("stabilize")) {
      stabilize(words.size() == 1 ? nodes.keySet() : idsOf(words.subList(1, words.size())));
    } else if (verb.equals("describe")) {
      (words.size() == 1 ? nodes.keySet() : idsOf(words.subList(1, words.size())))
          .forEach(id -> say(node(id).core.describe()));
    } else {
      NodeId id = new NodeId(Integer.parseInt(words.get(1)));
      long argument = words.size() > 2 && !words.get(2).equals("all") ? numberOf(words.get(2)) : 0;
      onNode(verb, id, argument, words.contains("all"), dropped);
    }
    return out.length() == 0 ? "ok\n" : out.toString();
  }

  private void onNode(String verb, NodeId id, long argument, boolean all, Set<NodeId> dropped) {
    Node node = node(id);
    switch (verb) {
      case "campaign" -> campaign(id);
      case "tick" -> {
        for (long i = 0; i < Math.max(1, argument); i++) {
          step(id, new Input.Tick());
        }
      }
      case "propose" -> step(id, new Input.Propose(EntryKind.COMMANDS, new byte[(int) argument]));
      case "read" -> step(id, new Input.ReadIndex(++node.lastReadId));
      case "transfer" ->
          step(id, new Input.TransferLeadership(argument == 0 ? null : new NodeId((int) argument)));
      case "take-in" -> change(id, new MembershipChange.Add(TestNode.member((int) argument), true));
      case "remove" -> change(id, new MembershipChange.Remove(new NodeId((int) argument)));
      case "deliver" -> deliver(id, dropped);
      case "lose" -> wires.removeIf(wire -> wire.to().equals(id));
      case "persist" -> {
        do {
          persist(id);
        } while (all && !node.unpersisted.isEmpty());
      }
      case "compact" -> step(id, new Input.Compacted(argument));
      case "stage" ->
          step(
              id,
              new Input.SnapshotStaged(
                  new SnapshotId(id, argument, node.core.termAt(argument), 100, 0)));
      case "install" ->
          step(id, new Input.SnapshotInstalled(node.offered, node.core.configuration()));
      default -> throw new IllegalArgumentException("command: " + verb);
    }
  }

  private void addNodes(int count, List<Long> terms) {
    Configuration configuration = TestNode.configurationOf(count);
    long[] logTerms = arrayOf(terms);
    long term = logTerms.length == 0 ? 0 : logTerms[logTerms.length - 1];
    for (int number = 1; number <= count; number++) {
      add(new NodeId(number), configuration, term, logTerms, 10);
    }
  }

  private void add(
      NodeId id, Configuration configuration, long term, long[] logTerms, int entryBytes) {
    Node node =
        new Node(
            new RaftCore(
                id,
                TestNode.OPTIONS,
                id.number(),
                term,
                null,
                TestNode.logWithEntriesOf(entryBytes, logTerms),
                0,
                0,
                new ConfigurationLog(configuration)));
    for (int i = 0; i < logTerms.length; i++) {
      node.entries.put(i + 1L, entry(i + 1L, logTerms[i], 0));
    }
    nodes.put(id, node);
  }

  private void change(NodeId id, MembershipChange change) {
    step(id, new Input.ChangeMembership(change));
  }

  private static LogEntry entry(long index, long term, int bytes) {
    return new LogEntry(index, term, EntryKind.COMMANDS, new byte[bytes]);
  }

  private void campaign(NodeId id) {
    Role before = node(id).core.role();
    while (node(id).core.role() == before) {
      step(id, new Input.Tick());
    }
  }

  private void stabilize(Set<NodeId> ids) {
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (NodeId id : ids) {
        while (!node(id).unpersisted.isEmpty()) {
          isMoving = true;
          persist(id);
        }
        for (Wire wire : List.copyOf(wires)) {
          if (wire.to().equals(id) && ids.contains(wire.from())) {
            isMoving = true;
            wires.remove(wire);
            receive(wire);
          }
        }
      }
    }
  }

  private void deliver(NodeId id, Set<NodeId> dropped) {
    List<Wire> arriving = new ArrayList<>();
    for (Iterator<Wire> all = wires.iterator(); all.hasNext(); ) {
      Wire wire = all.next();
      if (wire.to().equals(id)) {
        all.remove();
        if (!dropped.contains(wire.from())) {
          arriving.add(wire);
        }
      }
    }
    arriving.forEach(this::receive);
  }

  private void receive(Wire wire) {
    say(wire.to() + " <- " + wire.from() + " " + wire.message());
    if (wire.message() instanceof Message.InstallSnapshot install) {
      node(wire.to()).offered = install.snapshot();
    }
    step(wire.to(), new Input.Receive(wire.from(), wire.message()));
  }

  private void persist(NodeId id) {
    Effect.Persist persist = node(id).unpersisted.removeFirst();
    say(id + " has persisted " + persist.sequence());
    persist.messages().forEach(send -> send(id, send.to(), send.message()));
    step(id, new Input.Persisted(persist.sequence()));
  }

  private void step(NodeId id, Input input) {
    Node node = node(id);
    List<Effect> effects = node.core.step(input);
    for (Effect effect : effects) { // A cluster's bytes are there before they are sent.
      if (effect instanceof Effect.Persist persist && !persist.entries().isEmpty()) {
        node.entries.tailMap(persist.entries().get(0).index(), true).clear();
        persist.entries().forEach(entry -> node.entries.put(entry.index(), entry));
      }
    }
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send) {
        send(id, send.to(), send.message());
      } else if (effect instanceof Effect.SendEntries send) {
        send(id, send.to(), messageOf(node, send));
      } else if (effect instanceof Effect.Persist persist) {
        node.unpersisted.addLast(persist);
        say("  " + id + " persists " + describe(persist));
      } else if (effect instanceof Effect.ConfigurationChanged changed) {
        say("  " + id + " has " + describe(changed.configuration()));
      } else {
        say("  " + id + " " + effect);
      }
    }
  }

  private static Message messageOf(Node node, Effect.SendEntries send) {
    List<LogEntry> entries = new ArrayList<>();
    for (long index = send.fromIndex(); index <= send.toIndex(); index++) {
      LogEntry entry = node.entries.get(index);
      entries.add(entry == null ? entry(index, node.core.termAt(index), 0) : entry);
    }
    return new Message.AppendEntries(
        send.term(), send.prevLogIndex(), send.prevLogTerm(), send.leaderCommit(), entries);
  }

  private static String describe(Effect.Persist persist) {
    StringBuilder text = new StringBuilder().append(persist.sequence()).append(':');
    if (persist.hardStateChanged()) {
      text.append(" term=")
          .append(persist.currentTerm())
          .append(" vote=")
          .append(persist.votedFor());
    }
    if (!persist.entries().isEmpty()) {
      text.append(" entries=").append(persist.entries());
    }
    for (Effect.Send send : persist.messages()) {
      text.append(" then ").append(send.message()).append(" to ").append(send.to());
    }
    return text.toString();
  }

  private static String describe(Configuration configuration) {
    return "voters="
        + new TreeSet<>(configuration.voters())
        + " outgoing="
        + new TreeSet<>(configuration.outgoing())
        + " learners="
        + new TreeSet<>(configuration.learners())
        + " joining="
        + new TreeSet<>(configuration.joining());
  }

  private void send(NodeId from, NodeId to, Message message) {
    say("  " + from + " -> " + to + " " + message);
    wires.add(new Wire(from, to, message));
  }

  private void sayLog(NodeId id) {
    RaftCore core = node(id).core;
    StringBuilder terms = new StringBuilder(id + ":");
    for (long index = core.baseIndex() + 1; index <= core.lastIndex(); index++) {
      terms.append(' ').append(core.termAt(index));
    }
    say(terms.toString());
  }

  private void say(String line) {
    if (!isHushed) {
      out.append(line).append('\n');
    }
  }

  private Node node(NodeId id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("node: " + id);
    }
    return node;
  }

  private static Set<NodeId> idsOf(List<String> words) {
    Set<NodeId> ids = new TreeSet<>();
    words.forEach(word -> ids.add(new NodeId(Integer.parseInt(word))));
    return ids;
  }

  private static long numberOf(String word) {
    return Long.parseLong(word);
  }

  private static long[] arrayOf(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  /** The numbers of {@code name=(1,2,3)}. */
  private static List<Long> listOf(String word) {
    List<Long> numbers = new ArrayList<>();
    for (String number : word.replaceAll(".*\\(|\\)", "").split(",", -1)) {
      if (!number.isEmpty()) {
        numbers.add(Long.parseLong(number));
      }
    }
    return numbers;
  }
}
