package heartwood.server.dispatch;

import heartwood.server.command.CommandSpec;
import heartwood.server.command.Connection;
import heartwood.server.command.Moment;
import heartwood.server.replication.Client;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A client's place in the order of things: which of its commands are unanswered, and by which way
 * they went. Confined to the client's event loop.
 *
 * <p>Commands of one client execute and answer in the order sent. All that are unanswered at a time
 * go one way, a {@link Lane}, and every lane keeps order; a command that must go another way waits
 * until the lane is empty.
 */
public abstract class DispatchedClient implements Client {
  /** The way that a client's unanswered commands went. */
  enum Lane {
    /** Nothing is unanswered. */
    NONE,
    /** Through the log of this leader: writes, and what was sent behind them. */
    LOG,
    /** Reads that wait for this leader to be confirmed. */
    READ,
    /** Reads that this node answers from what it has: of the past, and after READONLY. */
    LOCAL,
    /** Reads after READONLY that wait to know how old this node's state is. */
    BOUNDED,
    /** To the leader, over a peer link. */
    FORWARD,
    /** The one command of the client that waits for nodes to hold what it wrote. */
    WAIT
  }

  private Lane lane = Lane.NONE;
  private int unansweredCount;

  /** What was sent since everything was answered. */
  private long unansweredBytes;

  /** Where those bytes are counted. */
  private @Nullable Backlog backlog;

  /** The one thing unanswered is a question of the dispatcher's, for the command it holds. */
  private boolean isAsking;

  private @Nullable Answer answer;

  /** Since when its next command waits for a moment, by {@link System#nanoTime}. */
  private @Nullable Long awaitsSinceNanos;

  /** What a moment came to, or the error that tells why to nothing. */
  record Answer(Moment.@Nullable Resolved moment, String error) {}

  /** Unique on its node. */
  public abstract long id();

  /** The loop on which everything about this client happens. */
  public abstract Executor loop();

  /** The client as connection commands see it. */
  public abstract Connection connection();

  public abstract boolean isAuthenticated();

  /** Why the client may not run a command with so many arguments, as an error; null if it may. */
  public abstract @Nullable String refusal(CommandSpec spec, int argumentCount);

  /** A command begins; called again when one that was held is dispatched again. */
  public void beginCommand() {}

  /** The command that has begun is held: it will begin again. */
  public void holdCommand() {}

  /** What the client is about to do. */
  public void onCommand(CommandSpec spec) {}

  /** The moment as of which the client reads; null: the present. */
  public abstract @Nullable Moment frozenAt();

  /** Whether READONLY was sent: this node may answer from what it has. */
  public abstract boolean isReadOnly();

  /** Whether the client knows nothing of redirects: it came by the proxy port. */
  public abstract boolean isProxied();

  /** Whether another node's proxy speaks for the client: then nothing is forwarded again. */
  public abstract boolean isForwarded();

  @Override
  public abstract boolean isGone();

  /** Sends bytes to the client, behind all that was sent before; they leave with the next flush. */
  public abstract void write(byte[] bytes, int offset, int length);

  /** Commands that were held may be dispatched again. */
  public abstract void resume();

  /** What is about to be delivered answers so many commands. */
  public final void onAnswered(int count) {
    unansweredCount -= count;
    if (unansweredCount == 0) {
      lane = Lane.NONE;
      discharge();
    }
  }

  /** The client is gone, or has been answered: it is not counted any more. */
  public final void discharge() {
    Backlog charged = backlog;
    if (charged != null) {
      charged.release(unansweredBytes);
    }
    unansweredBytes = 0;
  }

  /**
   * Keeps what is about to be delivered, if the dispatcher has asked and not the client.
   *
   * @return whether nothing is to be sent
   */
  public final boolean takesAnswer(byte[] bytes, int offset, int length) {
    if (!isAsking) {
      return false;
    }
    isAsking = false;
    String text = new String(bytes, offset, length, StandardCharsets.UTF_8).strip();
    if (text.startsWith("-")) {
      answer = new Answer(null, text.substring(1));
      return true;
    }
    String[] lines = text.split("\\s+", -1); // *2 :revision :milliseconds
    long revision = Long.parseLong(lines[1].substring(1));
    answer = new Answer(new Moment.Resolved(revision, Long.parseLong(lines[2].substring(1))), "");
    return true;
  }

  /** What goes into a batch now is the dispatcher's question. */
  final void ask() {
    isAsking = true;
  }

  /** Whether what is being asked, the client's silence notwithstanding, wants a reply. */
  protected final boolean isAsking() {
    return isAsking;
  }

  /** The answer to what the dispatcher asked, once. */
  final @Nullable Answer takeAnswer() {
    Answer taken = answer;
    answer = null;
    return taken;
  }

  /** How long its next command has been waiting for a moment; begins to wait if it was not. */
  final long awaitNanos() {
    long now = System.nanoTime();
    Long since = awaitsSinceNanos;
    if (since == null) {
      awaitsSinceNanos = now;
      return 0;
    }
    return now - since;
  }

  final void endAwait() {
    awaitsSinceNanos = null;
  }

  final Lane lane() {
    return lane;
  }

  public final int unansweredCount() {
    return unansweredCount;
  }

  final long unansweredBytes() {
    return unansweredBytes;
  }

  final void enter(Lane newLane, long bytes, Backlog charged) {
    lane = newLane;
    unansweredCount++;
    unansweredBytes += bytes;
    backlog = charged;
    charged.add(bytes);
  }

  /** Whether a command may go this way now. */
  final boolean canEnter(Lane wanted) {
    return lane == Lane.NONE || lane == wanted;
  }
}
