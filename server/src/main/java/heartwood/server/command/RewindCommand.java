package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.GlobPattern;
import heartwood.server.keyspace.KeyDiff;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.KeyEvent;
import heartwood.server.keyspace.KeyHistory;
import heartwood.server.keyspace.KeyType;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.Rewinding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * REWIND: makes keys what they were, as a new revision. The form is told by the words: a first one
 * MATCH with TO behind the pattern, or DB with TO behind it, is no key.
 */
final class RewindCommand {
  /** Where a page ends, in rows that it may have to copy. */
  private static final long MAX_PAGE_ROWS = 10_000;

  private static final long MAX_ROWS_OF_KEYS = 100_000;

  private static final int CHUNK_BYTES = 4096;
  private static final int MAX_VERSIONS_BACK = 1000;
  private static final String TOO_MANY_VERSIONS =
      "ERR more than " + KeyHistory.MAX_VERSIONS + " versions to look at: ";

  private RewindCommand() {}

  static void register(CommandTable table) {
    table.write("rewind", RewindCommand::rewind);
  }

  private static void rewind(Arguments args, Keyspace keyspace, ReplySink reply) {
    if (args.count() >= 5 && args.is(1, "match") && args.is(3, "to")) {
      rewindMatching(args, keyspace, reply);
    } else if (args.is(1, "db") && args.is(2, "to")) {
      rewindDatabase(args, keyspace, reply);
    } else {
      rewindKeys(args, keyspace, reply);
    }
  }

  /**
   * REWIND key [key ...] TO time [DRYRUN]: replies for each key with its name, what became of it
   * and the revision that had written what it was. TO ~n goes n versions back, of each key by
   * itself.
   */
  private static void rewindKeys(Arguments args, Keyspace keyspace, ReplySink reply) {
    int last = args.count() - 1;
    boolean isDryRun = args.is(last, "dryrun");
    int time = isDryRun ? last - 1 : last;
    int keyCount = time - 2;
    if (keyCount < 1 || !args.is(time - 1, "to")) {
      throw Errors.syntax();
    }
    List<Keyspace> moments = moments(args, time, keyCount, keyspace);
    requireBounded(args, moments);
    Rewinding rewinding = new Rewinding(keyspace, isDryRun);
    reply.array(keyCount);
    for (int i = 0; i < keyCount; i++) {
      byte[] key = args.bytes(1 + i);
      Rewinding.Result result = rewinding.rewind(key, moments.get(i));
      reply.array(3);
      reply.bulk(key);
      reply.bulk(result.outcome().name().toLowerCase(Locale.ROOT));
      reply.integer(result.origin());
    }
  }

  /** One key may be as large as it is; several are as much as all nodes may take at once. */
  private static void requireBounded(Arguments args, List<Keyspace> moments) {
    long rows = 0;
    for (int i = 0; i < moments.size(); i++) {
      rows += rowsOf(moments.get(i).find(args.bytes(1 + i)));
    }
    if (moments.size() > 1 && rows > MAX_ROWS_OF_KEYS) {
      throw new CommandException(
          "ERR these keys have over " + MAX_ROWS_OF_KEYS + " elements: name fewer");
    }
  }

  /** What a key may cost to be copied. */
  private static long rowsOf(KeyEntry entry) {
    boolean isString = entry.type() == KeyType.STRING;
    return 1 + (isString ? entry.size() / CHUNK_BYTES : entry.size());
  }

  /** The moment for each key, all found before the first is written. */
  private static List<Keyspace> moments(Arguments args, int time, int keyCount, Keyspace keyspace) {
    List<Keyspace> moments = new ArrayList<>();
    boolean isVersion = args.length(time) > 0 && args.byteAt(time, 0) == '~';
    if (isVersion) {
      long versionsBack = requireVersionsBack(args, time);
      if (versionsBack * keyCount > KeyHistory.MAX_VERSIONS) {
        throw new CommandException(TOO_MANY_VERSIONS + "name fewer keys");
      }
      Moments any = new Moments(keyspace);
      for (int i = 0; i < keyCount; i++) {
        moments.add(versionBack(keyspace, any, args.bytes(1 + i), versionsBack));
      }
      return moments;
    }
    Timeline.Point point = new Moments(keyspace).find(args, time);
    Keyspace then = keyspace.at(point.revision(), point.stampMillis());
    for (int i = 0; i < keyCount; i++) {
      moments.add(then);
    }
    return moments;
  }

  private static long requireVersionsBack(Arguments args, int argument) {
    String text = args.text(argument);
    long versionsBack = Numbers.requireLong(Texts.ascii(text.substring(1)), Errors.NOT_AN_INTEGER);
    if (versionsBack < 1 || versionsBack > MAX_VERSIONS_BACK) {
      throw new CommandException("ERR '" + text + "' must be between ~1 and ~" + MAX_VERSIONS_BACK);
    }
    return versionsBack;
  }

  /** The moment before one of a key's last events; whatever was there then had not expired. */
  private static Keyspace versionBack(
      Keyspace keyspace, Moments moments, byte[] key, long versionsBack) {
    List<KeyEvent> events = new ArrayList<>();
    KeyHistory history = new KeyHistory(keyspace, key);
    long horizon = history.horizon();
    boolean isWhole =
        history.walk(
            horizon,
            moments.timeline().lastRevision(),
            event -> {
              events.add(event);
              return events.size() < versionsBack;
            });
    if (!isWhole) {
      throw new CommandException(TOO_MANY_VERSIONS + "say a revision or a time");
    }
    if (events.size() == versionsBack) {
      return keyspace.at(events.get(events.size() - 1).revision() - 1, 0);
    }
    history.requireAskable(horizon - 1);
    String name = new String(key, StandardCharsets.UTF_8);
    if (horizon > 0) {
      throw new CommandException(
          "COMPACTED version ~" + versionsBack + " of '" + name + "' is forgotten");
    }
    throw new CommandException("ERR '" + name + "' has no version ~" + versionsBack);
  }

  /** REWIND MATCH pattern TO time [CURSOR cursor] [COUNT n] [DRYRUN]. */
  private static void rewindMatching(Arguments args, Keyspace keyspace, ReplySink reply) {
    PageRequest request = new PageRequest(args, 4, keyspace);
    request.options.pattern = new GlobPattern(args.bytes(2));
    if (request.confirmed != null) {
      throw Errors.syntax();
    }
    request.run(reply);
  }

  /**
   * REWIND DB TO time CONFIRM revision [CURSOR cursor] [COUNT n] [DRYRUN]: only if nothing in the
   * database has changed since the revision, which the caller has seen.
   */
  private static void rewindDatabase(Arguments args, Keyspace keyspace, ReplySink reply) {
    if (args.count() < 4) {
      throw Errors.syntax();
    }
    PageRequest request = new PageRequest(args, 3, keyspace);
    Moment.Revision confirmed = request.confirmed;
    if (confirmed == null) {
      throw new CommandException(
          "ERR say CONFIRM and the revision that you have seen, as TIMELINE NOW tells it");
    }
    long seen = request.moments.find(confirmed).revision();
    long changed = KeyDiff.firstChange(keyspace, seen);
    if (changed == KeyDiff.UNKNOWN) {
      throw new CommandException(
          "ERR more than "
              + KeyDiff.MAX_CHANGES
              + " changes since @"
              + seen
              + ": confirm a later one");
    }
    if (changed != 0) {
      throw new CommandException(
          "ERR the database has changed since @" + seen + ": in @" + changed);
    }
    request.run(reply);
  }

  /**
   * A part of the keys that differ from what they were. Replies with the number of those that were
   * restored or deleted, the cursor for what is left or 0, and the revision of this, to be
   * confirmed with the next part. What a former part has rewound is met again, is the same by then,
   * and does not count.
   */
  private static final class PageRequest {
    private final Keyspace keyspace;
    private final Moments moments;
    private final Moment moment;
    private final TimelineCommands.PageOptions options = new TimelineCommands.PageOptions();
    private boolean isDryRun;
    private Moment.@Nullable Revision confirmed;
    private long pageRows;

    PageRequest(Arguments args, int time, Keyspace keyspace) {
      this.keyspace = keyspace;
      this.moments = new Moments(keyspace);
      this.moment = Moment.parse(args.text(time));
      options.count = TimelineCommands.MAX_COUNT;
      for (int i = time + 1; i < args.count(); i++) {
        if (args.is(i, "dryrun")) {
          isDryRun = true;
        } else if (args.is(i, "confirm") && i + 1 < args.count()) {
          confirmed = revision(args, ++i);
        } else {
          i = options.take(args, i);
          if (i == 0) {
            throw Errors.syntax();
          }
        }
      }
      Moments.requireFixed(moment, options.cursor);
    }

    private static Moment.Revision revision(Arguments args, int argument) {
      String text = args.text(argument);
      String written = text.startsWith("@") ? text : "@" + text;
      return (Moment.Revision) Moment.parse(written);
    }

    void run(ReplySink reply) {
      Timeline.Point point = moments.find(moment);
      Keyspace then = keyspace.at(point.revision(), point.stampMillis());
      KeyDiff diff =
          new KeyDiff(keyspace, then, point.revision(), keyspace, keyspace.lastRevision(), true);
      TimelineCommands.requireCursor(diff, options.cursor);
      List<byte[]> keys = new ArrayList<>();
      long next =
          diff.page(
              options.cursor,
              options.count,
              (key, change, type, revision, laterRevision) -> {
                if (options.pattern.matches(key)) {
                  keys.add(key);
                  pageRows += rowsOf(then.find(key));
                }
                return pageRows < MAX_PAGE_ROWS;
              });
      Rewinding rewinding = new Rewinding(keyspace, isDryRun);
      long rewound = 0;
      for (byte[] key : keys) {
        Rewinding.Outcome outcome = rewinding.rewind(key, then).outcome();
        boolean isRewound =
            outcome == Rewinding.Outcome.RESTORED || outcome == Rewinding.Outcome.DELETED;
        rewound += isRewound ? 1 : 0;
      }
      reply.array(3);
      reply.integer(rewound);
      reply.bulk(Long.toString(next));
      reply.integer(keyspace.context().revision());
    }
  }
}
