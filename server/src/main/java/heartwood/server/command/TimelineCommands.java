package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.GlobPattern;
import heartwood.server.keyspace.HistorySettings;
import heartwood.server.keyspace.KeyDiff;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.Pins;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** TIMELINE: moments, what lies between two, and how much of the past is kept. */
final class TimelineCommands {
  private static final int DEFAULT_COUNT = 100;
  static final int MAX_COUNT = 10_000;

  /** Lookups at two moments, and the versions in between. */
  private static final int ROWS_A_DIFFERENCE = 10;

  private TimelineCommands() {}

  static void register(CommandTable table) {
    table.read("timeline|now", TimelineCommands::now);
    table.read("timeline|resolve", TimelineCommands::resolve);
    table.read("timeline|info", TimelineCommands::info);
    table.read("timeline|diff", TimelineCommands::diff);
    table.write("timeline|set", TimelineCommands::set);
  }

  /** TIMELINE NOW: replies with the last revision and its time, as milliseconds and as text. */
  private static void now(Arguments args, Keyspace keyspace, ReplySink reply) {
    Timeline timeline = new Moments(keyspace).timeline();
    replyMoment(timeline, timeline.lastRevision(), reply);
  }

  /** TIMELINE RESOLVE time: the same of the last revision that is not later. */
  private static void resolve(Arguments args, Keyspace keyspace, ReplySink reply) {
    Moments moments = new Moments(keyspace);
    replyMoment(moments.timeline(), moments.find(args, 2).revision(), reply);
  }

  private static void replyMoment(Timeline timeline, long revision, ReplySink reply) {
    long millis = timeline.stampOf(revision);
    reply.array(3);
    reply.integer(revision);
    reply.integer(millis);
    reply.bulk(Timeline.iso(millis));
  }

  /** TIMELINE INFO: replies with a map of what is remembered and for how long. */
  private static void info(Arguments args, Keyspace keyspace, ReplySink reply) {
    Timeline timeline = new Moments(keyspace).timeline();
    HistorySettings settings = HistorySettings.of(keyspace);
    reply.map(10);
    infoMoment("horizon", timeline, keyspace.past().horizon(), reply);
    infoMoment("last", timeline, timeline.lastRevision(), reply);
    infoNumber("history-retention-ms", settings.retentionMillis(), reply);
    infoNumber("history-max-bytes", settings.maxBytes(), reply);
    infoNumber("pins", new Pins(keyspace).all().size(), reply);
    reply.bulk("incarnation");
    reply.bulk(Moment.incarnationText(keyspace.incarnation()));
  }

  private static void infoMoment(String name, Timeline timeline, long revision, ReplySink reply) {
    long millis = timeline.stampOf(revision);
    infoNumber(name + "-revision", revision, reply);
    infoNumber(name + "-ms", millis, reply);
    reply.bulk(name + "-iso");
    reply.bulk(Timeline.iso(millis));
  }

  private static void infoNumber(String name, long value, ReplySink reply) {
    reply.bulk(name);
    reply.integer(value);
  }

  private record Difference(byte[] key, KeyDiff.Change change, long first, long second) {}

  /** What TIMELINE DIFF and REWIND share. */
  static final class PageOptions {
    private static final GlobPattern ALL = new GlobPattern(new byte[] {'*'});

    GlobPattern pattern = ALL;
    @Nullable String type;
    long cursor;
    long count = DEFAULT_COUNT;

    /** Takes the option at an argument and returns where its last word is; 0 if there is none. */
    int take(Arguments args, int argument) {
      int next = argument + 1;
      if (next == args.count()) {
        return 0;
      }
      if (args.is(argument, "cursor")) {
        cursor = ScanOptions.requireCursor(args, next);
      } else if (args.is(argument, "count")) {
        count = HistoryCommand.requireCount(args, next, MAX_COUNT);
      } else {
        return 0;
      }
      return next;
    }
  }

  /**
   * TIMELINE DIFF time time [MATCH pattern] [TYPE type] [CURSOR cursor] [COUNT n]: replies with the
   * next cursor or 0, and for each key that differs, its name, what happened to it and the
   * revisions that wrote it, at the first moment and at the second.
   */
  private static void diff(Arguments args, Keyspace keyspace, ReplySink reply) {
    PageOptions options = new PageOptions();
    for (int i = 4; i < args.count(); i++) {
      boolean hasNext = i + 1 < args.count();
      if (args.is(i, "match") && hasNext) {
        options.pattern = new GlobPattern(args.bytes(++i));
      } else if (args.is(i, "type") && hasNext) {
        options.type = args.text(++i).toLowerCase(Locale.ROOT);
      } else {
        i = options.take(args, i);
        if (i == 0) {
          throw Errors.syntax();
        }
      }
    }
    Moments moments = new Moments(keyspace);
    Moment first = Moment.parse(args.text(2));
    Moment second = Moment.parse(args.text(3));
    Moments.requireFixed(first, options.cursor);
    Moments.requireFixed(second, options.cursor);
    Timeline.Point from = moments.find(first);
    Timeline.Point to = moments.find(second);
    if (from.revision() > to.revision() || from.stampMillis() > to.stampMillis()) {
      throw new CommandException("ERR the first time is later than the second");
    }
    KeyDiff diff =
        new KeyDiff(
            keyspace,
            moments.open(first, from),
            from.revision(),
            moments.open(second, to),
            to.revision(),
            false);
    requireCursor(diff, options.cursor);

    keyspace.willVisit(options.count * ROWS_A_DIFFERENCE);
    List<Difference> found = new ArrayList<>();
    String wanted = options.type;
    long next =
        diff.page(
            options.cursor,
            options.count,
            (key, change, type, revision, laterRevision) -> {
              if ((wanted == null || wanted.equals(type.redisName()))
                  && options.pattern.matches(key)) {
                found.add(new Difference(key, change, revision, laterRevision));
              }
              return true;
            });
    reply.array(2);
    reply.bulk(Long.toString(next));
    reply.array(found.size());
    for (Difference each : found) {
      reply.array(4);
      reply.bulk(each.key);
      reply.bulk(each.change.name().toLowerCase(Locale.ROOT));
      reply.integer(each.first);
      reply.integer(each.second);
    }
  }

  static void requireCursor(KeyDiff diff, long cursor) {
    if (!diff.accepts(cursor)) {
      throw new CommandException(Errors.INVALID_CURSOR);
    }
  }

  /** TIMELINE SET name value, or CONFIG SET: a setting that all nodes share. */
  private static void set(Arguments args, Keyspace keyspace, ReplySink reply) {
    HistorySettings present = HistorySettings.of(keyspace);
    HistorySettings changed =
        HistorySettingsText.with(present, args.text(2).toLowerCase(Locale.ROOT), args.text(3));
    if (!changed.write(keyspace)) {
      throw new CommandException(
          "ERR the patterns were changed too often: wait until history-retention has passed");
    }
    reply.ok();
  }
}
