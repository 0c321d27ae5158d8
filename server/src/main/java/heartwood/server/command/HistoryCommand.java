package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.BelowFloorException;
import heartwood.server.keyspace.FieldHistory;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.KeyEvent;
import heartwood.server.keyspace.KeyHistory;
import heartwood.server.keyspace.KeyType;
import heartwood.server.keyspace.Keyspace;
import heartwood.storage.Past;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HISTORY: what happened to a key or a field. An event is an array of the revision, its time, the
 * command, the type from then on ("none" when there is nothing), the value, and the time of expiry
 * or -1. The value of what is no string is the number of its elements; NOVALUES leaves it out. A
 * renamed key has a seventh element, the other name. What had been written before all that is
 * remembered, and was there still, is the command "earlier", at the time -1 if that is forgotten.
 */
final class HistoryCommand {
  private static final int DEFAULT_COUNT = 10;
  private static final int MAX_COUNT = 1000;

  /** Its version, its time, its command, and what the key was then. */
  private static final int ROWS_AN_EVENT = 10;

  private static final long MAX_VALUE_BYTES = 64L << 20;
  private static final long NO_EXPIRY = -1;
  private static final long UNKNOWN_TIME = -1;

  private final CommandTable table;

  private HistoryCommand(CommandTable table) {
    this.table = table;
  }

  static void register(CommandTable table) {
    table.read("history", new HistoryCommand(table)::history);
  }

  private record Options(
      byte @Nullable [] field,
      long from,
      long to,
      int count,
      boolean isOldestFirst,
      boolean hasNoValues) {

    /**
     * How many are visited, about: who wants the oldest, or a field's, may have to see them all.
     */
    long rows() {
      boolean mayVisitAll = isOldestFirst || field != null;
      return mayVisitAll ? KeyHistory.MAX_VERSIONS : (long) count * ROWS_AN_EVENT;
    }

    /**
     * @throws BelowFloorException when it asks for what was purged
     */
    static Options parse(Arguments args, Moments moments, KeyHistory history) {
      byte[] field = null;
      long from = history.horizon();
      long to = moments.timeline().lastRevision();
      int count = DEFAULT_COUNT;
      boolean isOldestFirst = false;
      boolean hasNoValues = false;
      for (int i = 2; i < args.count(); i++) {
        boolean hasNext = i + 1 < args.count();
        if (args.is(i, "field") && hasNext) {
          field = args.bytes(++i);
        } else if (args.is(i, "from") && hasNext) {
          from = moments.findFirst(args, ++i);
        } else if (args.is(i, "to") && hasNext) {
          to = moments.find(args, ++i).revision();
        } else if (args.is(i, "count") && hasNext) {
          count = (int) requireCount(args, ++i, MAX_COUNT);
        } else if (args.is(i, "rev")) {
          isOldestFirst = true;
        } else if (args.is(i, "novalues")) {
          hasNoValues = true;
        } else {
          throw Errors.syntax();
        }
      }
      history.requireAskable(Math.min(from, to));
      return new Options(field, from, to, count, isOldestFirst, hasNoValues);
    }
  }

  static long requireCount(Arguments args, int argument, long max) {
    long count = Numbers.requireLong(args, argument);
    if (count < 1 || count > max) {
      throw new CommandException("ERR COUNT must be between 1 and " + max);
    }
    return count;
  }

  /** HISTORY key [FIELD field] [FROM time] [TO time] [COUNT n] [REV] [NOVALUES]. */
  private void history(Arguments args, Keyspace keyspace, ReplySink reply) {
    byte[] key = args.bytes(1);
    Moments moments = new Moments(keyspace);
    KeyHistory keyHistory = new KeyHistory(keyspace, key);
    Options options = Options.parse(args, moments, keyHistory);
    keyspace.willVisit(options.rows());
    List<KeyEvent> events = events(keyspace, key, options, keyHistory);
    reply.array(events.size());
    for (KeyEvent event : events) {
      reply(event, keyspace, key, options, keyHistory.horizon(), reply);
    }
  }

  private static List<KeyEvent> events(
      Keyspace keyspace, byte[] key, Options options, KeyHistory keyHistory) {
    Gathered gathered = new Gathered(options);
    boolean isWhole;
    KeyEvent base;
    if (options.field == null) {
      isWhole = keyHistory.walk(options.from, options.to, gathered::add);
      base = keyHistory.base();
    } else {
      FieldHistory fieldHistory =
          new FieldHistory(keyspace, key, options.field, !options.hasNoValues, gathered::add);
      isWhole = fieldHistory.walk(options.from, options.to);
      base = fieldHistory.base();
    }
    if (!isWhole) {
      throw new CommandException(
          "ERR more than "
              + KeyHistory.MAX_VERSIONS
              + " versions to look at: narrow the time with FROM and TO");
    }
    long horizon = keyHistory.horizon();
    if (base != null && gathered.hasRoom() && wasThereAt(horizon, base, keyspace, options)) {
      gathered.add(base);
    }
    return gathered.events();
  }

  /** The events that are told: the first of the walk, or the last. */
  private static final class Gathered {
    private final Deque<KeyEvent> events = new ArrayDeque<>();
    private final Options options;
    private long valueBytes;

    Gathered(Options options) {
      this.options = options;
    }

    boolean hasRoom() {
      return options.isOldestFirst || events.size() < options.count;
    }

    /** Says whether to go on. */
    boolean add(KeyEvent event) {
      events.addLast(event);
      valueBytes += valueBytesOf(event);
      if (options.isOldestFirst && events.size() > options.count) {
        valueBytes -= valueBytesOf(events.removeFirst());
      }
      if (valueBytes > MAX_VALUE_BYTES) {
        throw new CommandException(
            "ERR the values of these events have over 64 MB: ask with a lower COUNT, or NOVALUES");
      }
      return hasRoom();
    }

    /** Of what the reply will tell. */
    private long valueBytesOf(KeyEvent event) {
      boolean hasValue = event.type() == KeyType.STRING || event.value() != null;
      return hasValue && !options.hasNoValues ? event.size() : 0;
    }

    List<KeyEvent> events() {
      List<KeyEvent> list = new ArrayList<>(events);
      if (options.isOldestFirst) {
        Collections.reverse(list);
      }
      return list;
    }
  }

  private static boolean wasThereAt(
      long horizon, KeyEvent base, Keyspace keyspace, Options options) {
    boolean isAsked = options.from <= horizon && options.to >= horizon;
    return isAsked && base.isThereAt(keyspace.stampOf(horizon));
  }

  private void reply(
      KeyEvent event,
      Keyspace keyspace,
      byte[] key,
      Options options,
      long horizon,
      ReplySink reply) {
    long revision = event.revision();
    boolean isEarlier = revision <= horizon;
    boolean isTimeKnown = revision >= keyspace.past().horizon();
    String operation = isEarlier ? "earlier" : operation(keyspace.past(), revision);
    byte[] other = null;
    if (options.field == null && (operation.equals("rename") || operation.equals("renamenx"))) {
      other = new KeyHistory(keyspace, key).otherKeyOf(revision);
      operation = other == null ? operation : event.type() == null ? "renamed-to" : "renamed-from";
    }
    reply.array(5 + (options.hasNoValues ? 0 : 1) + (other == null ? 0 : 1));
    reply.integer(revision);
    reply.integer(isTimeKnown ? keyspace.stampOf(revision) : UNKNOWN_TIME);
    reply.bulk(operation);
    KeyType type = event.type();
    reply.bulk(type == null ? "none" : type.redisName());
    if (!options.hasNoValues) {
      replyValue(event, keyspace, key, options, horizon, reply);
    }
    reply.integer(event.expiry() == KeyEntry.NO_EXPIRY ? NO_EXPIRY : event.expiry());
    if (other != null) {
      reply.bulk(other);
    }
  }

  private String operation(Past past, long revision) {
    try (Past.Changes changes = past.changes(revision - 1, revision)) {
      return Operations.name(changes.next() ? changes.operation() : 0, table);
    }
  }

  private static void replyValue(
      KeyEvent event,
      Keyspace keyspace,
      byte[] key,
      Options options,
      long horizon,
      ReplySink reply) {
    byte[] value = event.value();
    if (value != null) {
      reply.bulk(value);
    } else if (event.type() == null || options.field != null) {
      reply.nullBulk();
    } else {
      long revision = Math.max(event.revision(), horizon);
      Keyspace then = keyspace.at(revision, keyspace.stampOf(revision));
      if (event.type() == KeyType.STRING) {
        reply.bulk(then.string(key).copy());
      } else {
        reply.integer(event.type() == KeyType.HASH ? then.hash(key).size() : event.size());
      }
    }
  }
}
