package heartwood.server.command;

import heartwood.resp.RespVersion;
import org.jspecify.annotations.Nullable;

/**
 * What a client has said about itself: protocol, user, database, name. Written by the thread that
 * runs the connection's commands; may be read by any thread, and is then a moment old at most.
 */
public final class ClientState {
  /** The one user, until there are others. */
  public static final String DEFAULT_USER = "default";

  /** Whether replies are sent. */
  private enum ReplyMode {
    ON,
    OFF,
    /** The reply to the next command is left out. */
    SKIP_NEXT,
    /** The reply to this command is left out. */
    SKIP
  }

  private volatile RespVersion version = RespVersion.RESP2;
  private volatile boolean isAuthenticated;
  private volatile int database;
  private volatile boolean isReadonly;
  private volatile boolean isNoEvict;
  private volatile boolean isNoTouch;
  private volatile String name = "";
  private volatile String libraryName = "";
  private volatile String libraryVersion = "";
  private volatile @Nullable Moment frozenAt;
  private Moment.@Nullable Resolved resolved;
  private ReplyMode replyMode = ReplyMode.ON;
  private boolean isCommandHeld;

  /**
   * @param isAuthenticated whether the client may begin without AUTH
   */
  public ClientState(boolean isAuthenticated) {
    this.isAuthenticated = isAuthenticated;
  }

  /**
   * RESP2 until HELLO 3. A reply sink must ask before each value rather than keep the answer: HELLO
   * changes it and is itself answered in the new version.
   */
  public RespVersion version() {
    return version;
  }

  void version(RespVersion newVersion) {
    version = newVersion;
  }

  public boolean isAuthenticated() {
    return isAuthenticated;
  }

  void authenticated(boolean isNow) {
    isAuthenticated = isNow;
  }

  /** The user whose rights the connection has. */
  public String user() {
    return DEFAULT_USER;
  }

  /** What SELECT chose; 0 at first. */
  public int database() {
    return database;
  }

  void database(int newDatabase) {
    database = newDatabase;
  }

  /** Whether READONLY allows a follower to answer reads from its own state. */
  public boolean isReadonly() {
    return isReadonly;
  }

  void readonly(boolean isNow) {
    isReadonly = isNow;
  }

  /**
   * The moment as of which the connection reads: one that is made out, or a time ago, which slides
   * along; null: the present.
   */
  public @Nullable Moment frozenAt() {
    return frozenAt;
  }

  void frozenAt(@Nullable Moment moment) {
    frozenAt = moment;
  }

  /** What the moment that the next command names came to; see {@link CommandSpec#findMoment}. */
  public void resolved(Moment.@Nullable Resolved moment) {
    resolved = moment;
  }

  /** The same, once; null if the present command names none. */
  Moment.@Nullable Resolved takeResolved() {
    Moment.Resolved taken = resolved;
    resolved = null;
    return taken;
  }

  boolean isNoEvict() {
    return isNoEvict;
  }

  void noEvict(boolean isNow) {
    isNoEvict = isNow;
  }

  boolean isNoTouch() {
    return isNoTouch;
  }

  void noTouch(boolean isNow) {
    isNoTouch = isNow;
  }

  /** What CLIENT SETNAME said; empty if nothing. */
  public String name() {
    return name;
  }

  void name(String newName) {
    name = newName;
  }

  String libraryName() {
    return libraryName;
  }

  void libraryName(String newName) {
    libraryName = newName;
  }

  String libraryVersion() {
    return libraryVersion;
  }

  void libraryVersion(String newVersion) {
    libraryVersion = newVersion;
  }

  /** Must be called before each command, so that CLIENT REPLY SKIP means one command only. */
  public void beginCommand() {
    if (isCommandHeld) {
      isCommandHeld = false; // It has begun before.
    } else if (replyMode == ReplyMode.SKIP_NEXT) {
      replyMode = ReplyMode.SKIP;
    } else if (replyMode == ReplyMode.SKIP) {
      replyMode = ReplyMode.ON;
    }
  }

  /** The command that has begun does not run yet; the next one to begin is the same. */
  public void holdCommand() {
    isCommandHeld = true;
  }

  /**
   * Whether the reply to the present command is to be sent. For a command that CLIENT REPLY may be,
   * ask after it ran.
   */
  public boolean wantsReply() {
    return replyMode == ReplyMode.ON || replyMode == ReplyMode.SKIP_NEXT;
  }

  void repliesOn() {
    replyMode = ReplyMode.ON;
  }

  void repliesOff() {
    replyMode = ReplyMode.OFF;
  }

  /** CLIENT REPLY SKIP, which has no reply itself. */
  void skipNextReply() {
    if (replyMode != ReplyMode.OFF) {
      replyMode = ReplyMode.SKIP_NEXT;
    }
  }

  /** Back to the beginning, as RESET promises; the library's name and version stay. */
  void reset(boolean mayBeginAuthenticated) {
    version = RespVersion.RESP2;
    isAuthenticated = mayBeginAuthenticated;
    database = 0;
    isReadonly = false;
    isNoEvict = false;
    isNoTouch = false;
    frozenAt = null;
    name = "";
    replyMode = ReplyMode.ON;
  }
}
