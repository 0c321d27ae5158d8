package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.KeyType;
import heartwood.server.keyspace.Keyspace;
import java.util.ArrayList;
import java.util.List;

/**
 * LCS key1 key2 [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN]: the longest common subsequence of two
 * strings, by the textbook table of all pairs of prefixes, read backwards as Redis does.
 */
final class LcsCommand {
  /** Bounds time and memory: a table of 128 MB. */
  private static final long MAX_CELLS = 1L << 25;

  /** So many cells are as much work as a row that is visited. */
  private static final int CELLS_A_ROW = 300;

  /** Part of both strings, ends included. */
  private record Match(int fromA, int toA, int fromB, int toB) {
    int length() {
      return toA - fromA + 1;
    }
  }

  private LcsCommand() {}

  static void register(CommandTable table) {
    table.read("lcs", LcsCommand::lcs);
  }

  private static void lcs(Arguments args, Keyspace keyspace, ReplySink reply) {
    byte[] a = string(keyspace, args.bytes(1));
    byte[] b = string(keyspace, args.bytes(2));
    boolean wantsLength = false;
    boolean wantsMatches = false;
    boolean withLengths = false;
    long minLength = 0;
    for (int i = 3; i < args.count(); i++) {
      if (args.is(i, "idx")) {
        wantsMatches = true;
      } else if (args.is(i, "len")) {
        wantsLength = true;
      } else if (args.is(i, "withmatchlen")) {
        withLengths = true;
      } else if (args.is(i, "minmatchlen") && i + 1 < args.count()) {
        minLength = Numbers.requireLong(args, ++i);
      } else {
        throw Errors.syntax();
      }
    }
    if (wantsLength && wantsMatches) {
      throw new CommandException(
          "ERR If you want both the length and indexes, please just use IDX.");
    }
    if ((a.length + 1L) * (b.length + 1L) > MAX_CELLS) {
      throw new CommandException(
          "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
    }

    keyspace.willVisit((a.length + 1L) * (b.length + 1L) / CELLS_A_ROW);
    int[] table = table(a, b);
    int length = table[table.length - 1];
    if (wantsLength) {
      reply.integer(length);
      return;
    }
    byte[] common = new byte[length];
    List<Match> matches = walkBack(a, b, table, common);
    if (wantsMatches) {
      replyMatches(reply, matches, minLength, withLengths, length);
    } else {
      reply.bulk(common);
    }
  }

  private static byte[] string(Keyspace keyspace, byte[] key) {
    KeyEntry entry = keyspace.find(key);
    if (entry.exists() && entry.type() != KeyType.STRING) {
      throw new CommandException("ERR The specified keys must contain string values");
    }
    return keyspace.string(entry).copy();
  }

  /** Row by row, column 0 and row 0 being zero: the length for each pair of prefixes. */
  private static int[] table(byte[] a, byte[] b) {
    int width = b.length + 1;
    int[] table = new int[(a.length + 1) * width];
    for (int i = 1; i <= a.length; i++) {
      for (int j = 1; j <= b.length; j++) {
        table[i * width + j] =
            a[i - 1] == b[j - 1]
                ? table[(i - 1) * width + j - 1] + 1
                : Math.max(table[(i - 1) * width + j], table[i * width + j - 1]);
      }
    }
    return table;
  }

  private static List<Match> walkBack(byte[] a, byte[] b, int[] table, byte[] common) {
    List<Match> matches = new ArrayList<>();
    int width = b.length + 1;
    int left = common.length;
    int i = a.length;
    int j = b.length;
    int toA = -1; // where the match that grows ends, or -1 if there is none
    while (i > 0 && j > 0) {
      boolean isEqual = a[i - 1] == b[j - 1];
      if (isEqual) {
        common[--left] = a[i - 1];
        if (toA < 0) {
          toA = i - 1;
        }
        i--;
        j--;
      }
      boolean isOver = !isEqual || i == 0 || j == 0;
      if (isOver && toA >= 0) {
        matches.add(new Match(i, toA, j, j + toA - i));
        toA = -1;
      }
      if (!isEqual) {
        if (table[(i - 1) * width + j] > table[i * width + j - 1]) {
          i--;
        } else {
          j--;
        }
      }
    }
    return matches;
  }

  private static void replyMatches(
      ReplySink reply, List<Match> matches, long minLength, boolean withLengths, int length) {
    List<Match> shown = new ArrayList<>();
    for (Match match : matches) {
      if (match.length() >= minLength) {
        shown.add(match);
      }
    }
    reply.map(2);
    reply.bulk("matches");
    reply.array(shown.size());
    for (Match match : shown) {
      reply.array(withLengths ? 3 : 2);
      reply.array(2);
      reply.integer(match.fromA);
      reply.integer(match.toA);
      reply.array(2);
      reply.integer(match.fromB);
      reply.integer(match.toB);
      if (withLengths) {
        reply.integer(match.length());
      }
    }
    reply.bulk("len");
    reply.integer(length);
  }
}
