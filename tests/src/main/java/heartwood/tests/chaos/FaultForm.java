package heartwood.tests.chaos;

import static heartwood.tests.chaos.FaultKind.DELAY;
import static heartwood.tests.chaos.FaultKind.DISK;
import static heartwood.tests.chaos.FaultKind.HISTORY;
import static heartwood.tests.chaos.FaultKind.KILL;
import static heartwood.tests.chaos.FaultKind.MEMBERS;
import static heartwood.tests.chaos.FaultKind.PARTITION;
import static heartwood.tests.chaos.FaultKind.PAUSE;

import java.util.List;
import java.util.stream.Stream;

/** The forms of each kind of fault, and how often each is drawn among its kind. */
enum FaultForm {
  KILL_LEADER(KILL, 5, "kill -9 of the leader"),
  KILL_ANY(KILL, 2, "kill -9 of a node"),
  KILL_ALL(KILL, 1, "kill -9 of all nodes at once"),
  PAUSE_LEADER(PAUSE, 3, "the leader stands still"),
  PAUSE_ANY(PAUSE, 1, "a node stands still"),
  ISOLATE_LEADER(PARTITION, 3, "the leader is cut off from all"),
  SPLIT(PARTITION, 2, "a minority is cut off"),
  MUTE_LEADER(PARTITION, 2, "the leader is heard by nobody and hears all"),
  DEAFEN_LEADER(PARTITION, 2, "the leader hears nobody and is heard by all"),
  BRIDGE(PARTITION, 2, "two sides hear each other through one node only"),
  SLOW_LINKS(DELAY, 2, "all links are slow"),
  JITTER(DELAY, 2, "all links are of changing speed"),
  SLOW_LEADER(DELAY, 2, "the leader's links are slow"),
  CLOG_LEADER(DELAY, 2, "what the leader says is stuck"),
  CLOG_PAIR(DELAY, 2, "what one node says to another is stuck"),
  FILL_LEADER(DISK, 2, "the leader's disk is full"),
  FILL_ANY(DISK, 1, "a node's disk is full"),
  REPLACE_LEADER(MEMBERS, 1, "the leader is replaced by a new node"),
  REPLACE_ANY(MEMBERS, 2, "a node is replaced by a new one"),
  FORGET(HISTORY, 1, "less of the past is kept for a while"),
  PURGE(HISTORY, 1, "the past of what is being written is purged");

  private final FaultKind kind;
  private final int weight;
  private final String words;

  FaultForm(FaultKind kind, int weight, String words) {
    this.kind = kind;
    this.weight = weight;
    this.words = words;
  }

  FaultKind kind() {
    return kind;
  }

  int weight() {
    return weight;
  }

  /** In a sentence. */
  String words() {
    return words;
  }

  static List<FaultForm> of(FaultKind kind) {
    return Stream.of(values()).filter(form -> form.kind == kind).toList();
  }
}
