package heartwood.tests.chaos;

import heartwood.tests.chaos.FaultPlan.Fault;
import heartwood.tests.process.ClusterRig;
import heartwood.tests.process.RigMembers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Does to a cluster what a plan says, and undoes it. Steered by one thread. */
final class FaultInjector {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final int SLOW_MIN_MILLIS = 20;
  private static final int SLOW_MAX_MILLIS = 60;
  private static final int JITTER_MAX_MILLIS = 150;

  private final ClusterRig rig;
  private final RigMembers members;
  private final PastFaults past;
  private final FaultProxy proxy;
  private final SmallDisks disks;
  private final LongSupplier clock;
  private boolean isAlone;
  private long beginNanos;

  /**
   * Of a cluster that runs.
   *
   * @param clock nanoseconds since the history began
   */
  FaultInjector(
      ClusterRig rig, Workload workload, FaultProxy proxy, SmallDisks disks, LongSupplier clock) {
    this.rig = rig;
    this.members = new RigMembers(rig);
    this.past = new PastFaults(members, workload);
    this.proxy = proxy;
    this.disks = disks;
    this.clock = clock;
  }

  /** Lets a fault happen, waits as long as it lasts, and ends it. */
  FaultEvent inject(Fault fault) {
    isAlone = isWhole();
    beginNanos = clock.getAsLong();
    int leader = rig.leader();
    int any = nodes().get(fault.pick() % nodes().size());
    if (leader == 0) {
      leader = any; // Nobody leads: anybody is as good.
    }
    return switch (fault.form()) {
      case KILL_LEADER -> kill(fault, List.of(leader), rig.term(leader));
      case KILL_ANY -> kill(fault, List.of(any), any == leader ? rig.term(leader) : null);
      case KILL_ALL -> kill(fault, nodes(), null);
      case PAUSE_LEADER -> pause(fault, leader);
      case PAUSE_ANY -> pause(fault, any);
      case FILL_LEADER -> fill(fault, leader);
      case FILL_ANY -> fill(fault, any);
      case REPLACE_LEADER -> replace(fault, leader);
      case REPLACE_ANY -> replace(fault, any);
      case FORGET -> forget(fault);
      case PURGE -> over(fault, past.purge(), null);
      default -> disturb(fault, leader);
    };
  }

  /** Whether every node answers and knows a leader. */
  boolean isWhole() {
    return nodes().stream()
        .allMatch(node -> "1".equals(rig.info(node, "raft").get("raft_has_leader")));
  }

  private List<Integer> nodes() {
    return rig.members();
  }

  // ---- Processes ----

  private FaultEvent kill(Fault fault, List<Integer> victims, @Nullable Long term) {
    victims.parallelStream().forEach(rig::kill);
    beginNanos = clock.getAsLong();
    Long electionNanos = term == null ? null : awaitElection(fault, term);
    hold(fault);
    victims.forEach(rig::restart);
    return over(fault, names(victims), electionNanos);
  }

  /** How long it takes until somebody leads in a later term; null if the fault ends before. */
  private @Nullable Long awaitElection(Fault fault, long term) {
    while (!isHeldLongEnough(fault)) {
      int leader = rig.leader();
      if (leader != 0 && rig.term(leader) > term) {
        return clock.getAsLong() - beginNanos;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return null;
  }

  private FaultEvent pause(Fault fault, int node) {
    rig.pause(node);
    hold(fault);
    rig.resume(node);
    return over(fault, names(List.of(node)), null);
  }

  private FaultEvent fill(Fault fault, int node) {
    Path directory = rig.dataDirectory(node);
    disks.fill(directory);
    hold(fault);
    disks.free(directory);
    String name = names(List.of(node));
    Integer code = rig.unexpectedExit(node);
    if (code != null) {
      rig.restart(node); // It stopped rather than do half its work; an operator makes room.
      name += ", which ended with " + code;
    }
    return over(fault, name, null);
  }

  // ---- Members and settings ----

  private FaultEvent replace(Fault fault, int leaving) {
    int node = rig.startJoining();
    try {
      proxy.listen(node, rig.address(node).peerPort(), rig.peerPort(node));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    members.join(node);
    members.leave(leaving);
    return over(fault, names(List.of(leaving)) + " by " + names(List.of(node)), null);
  }

  private FaultEvent forget(Fault fault) {
    String what = past.forget(fault.pick());
    hold(fault);
    past.remember(fault.pick());
    return over(fault, what, null);
  }

  // ---- Links ----

  private FaultEvent disturb(Fault fault, int leader) {
    String target = setLinks(fault, leader);
    hold(fault);
    proxy.heal();
    return over(fault, target, null);
  }

  private String setLinks(Fault fault, int leader) {
    List<Integer> others = new ArrayList<>(nodes());
    others.remove((Integer) leader);
    List<Integer> shuffled = new ArrayList<>(nodes());
    Collections.shuffle(shuffled, new Random(fault.pick()));
    switch (fault.form()) {
      case ISOLATE_LEADER -> cut(List.of(leader), others);
      case SPLIT -> {
        int minority = (shuffled.size() - 1) / 2;
        cut(shuffled.subList(0, minority), shuffled.subList(minority, shuffled.size()));
        return names(shuffled.subList(0, minority));
      }
      case MUTE_LEADER -> others.forEach(other -> proxy.set(leader, other, Link.CUT));
      case DEAFEN_LEADER -> others.forEach(other -> proxy.set(other, leader, Link.CUT));
      case BRIDGE -> {
        int half = (shuffled.size() - 1) / 2;
        List<Integer> left = shuffled.subList(1, 1 + half);
        List<Integer> right = shuffled.subList(1 + half, shuffled.size());
        cut(left, right);
        return names(left) + " | " + names(right) + " through " + shuffled.get(0);
      }
      case SLOW_LINKS -> {
        setAll(nodes(), nodes(), Link.slow(SLOW_MIN_MILLIS, SLOW_MAX_MILLIS));
        return "all";
      }
      case JITTER -> {
        setAll(nodes(), nodes(), Link.slow(0, JITTER_MAX_MILLIS));
        return "all";
      }
      case SLOW_LEADER -> {
        setAll(List.of(leader), others, Link.slow(SLOW_MIN_MILLIS, JITTER_MAX_MILLIS));
        setAll(others, List.of(leader), Link.slow(SLOW_MIN_MILLIS, JITTER_MAX_MILLIS));
      }
      case CLOG_LEADER -> setAll(List.of(leader), others, Link.CLOGGED);
      case CLOG_PAIR -> {
        proxy.set(shuffled.get(0), shuffled.get(1), Link.CLOGGED);
        return shuffled.get(0) + " to " + shuffled.get(1);
      }
      default -> throw new AssertionError(fault);
    }
    return names(List.of(leader));
  }

  private void cut(List<Integer> left, List<Integer> right) {
    setAll(left, right, Link.CUT);
    setAll(right, left, Link.CUT);
  }

  private void setAll(List<Integer> from, List<Integer> to, Link link) {
    for (int sender : from) {
      for (int receiver : to) {
        if (sender != receiver) {
          proxy.set(sender, receiver, link);
        }
      }
    }
  }

  // ---- Time ----

  private boolean isHeldLongEnough(Fault fault) {
    return clock.getAsLong() - beginNanos >= TimeUnit.MILLISECONDS.toNanos(fault.holdMillis());
  }

  private void hold(Fault fault) {
    while (!isHeldLongEnough(fault)) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private FaultEvent over(Fault fault, String target, @Nullable Long electionNanos) {
    return new FaultEvent(
        fault.form(), target, beginNanos, clock.getAsLong(), isAlone, electionNanos);
  }

  private static String names(List<Integer> nodes) {
    return String.join(", ", nodes.stream().map(node -> "node " + node).toList());
  }
}
