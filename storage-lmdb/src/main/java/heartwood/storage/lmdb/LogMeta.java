package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.NodeId;
import heartwood.storage.ChecksummedRow;
import heartwood.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Dbi;
import org.lmdbjava.Txn;

/**
 * The table {@code meta} of the log environment. Each row is framed by {@link ChecksummedRow}; the
 * bodies, big endian:
 *
 * <pre>
 *   "identity"    clusterId(8) nodeId(4) incarnation(8)
 *   "group-G"     baseIndex(8) baseTerm(8) baseChain(8) lastIndex(8) sizeBytes(8)
 *                 currentTerm(8) votedFor(4, 0: nobody) commitIndex(8) journalSequence(8)
 *   "terms-G"     for each term: term(8) firstIndex(8)
 *   "peer-N"      incarnation(8)
 * </pre>
 *
 * <p>Thread-safe; a transaction belongs to its caller.
 */
final class LogMeta {
  private static final byte VERSION = 1;

  private final Dbi<ByteBuffer> table;

  /** Direct buffers are dear to make; nobody moves them, so threads may share them. */
  private final Map<String, ByteBuffer> keys = new ConcurrentHashMap<>();

  LogMeta(Dbi<ByteBuffer> table) {
    this.table = table;
  }

  void putIdentity(Txn<ByteBuffer> txn, NodeIdentity identity) {
    put(
        txn,
        "identity",
        ByteBuffer.allocate(20)
            .putLong(identity.clusterId())
            .putInt(identity.nodeId().number())
            .putLong(identity.incarnation()));
  }

  NodeIdentity identity(Txn<ByteBuffer> txn) {
    ByteBuffer row = require(get(txn, "identity"), "identity");
    return new NodeIdentity(row.getLong(), new NodeId(row.getInt()), row.getLong());
  }

  void putGroup(Txn<ByteBuffer> txn, int group, GroupState state) {
    NodeId vote = state.hardState().votedFor();
    put(
        txn,
        "group-" + group,
        ByteBuffer.allocate(68)
            .putLong(state.baseIndex())
            .putLong(state.baseTerm())
            .putLong(state.baseChain())
            .putLong(state.lastIndex())
            .putLong(state.sizeBytes())
            .putLong(state.hardState().currentTerm())
            .putInt(vote == null ? 0 : vote.number())
            .putLong(state.hardState().commitIndex())
            .putLong(state.journalSequence()));
  }

  GroupState group(Txn<ByteBuffer> txn, int group) {
    String name = "group-" + group;
    ByteBuffer row = require(get(txn, name), name);
    long baseIndex = row.getLong();
    long baseTerm = row.getLong();
    long baseChain = row.getLong();
    long lastIndex = row.getLong();
    long sizeBytes = row.getLong();
    long currentTerm = row.getLong();
    int vote = row.getInt();
    HardState hardState =
        new HardState(currentTerm, vote == 0 ? null : new NodeId(vote), row.getLong());
    long journalSequence = row.getLong();
    return new GroupState(
        baseIndex, baseTerm, baseChain, lastIndex, sizeBytes, hardState, journalSequence);
  }

  void putTerms(Txn<ByteBuffer> txn, int group, List<TermStart> starts) {
    ByteBuffer body = ByteBuffer.allocate(16 * starts.size());
    starts.forEach(start -> body.putLong(start.term()).putLong(start.firstIndex()));
    put(txn, "terms-" + group, body);
  }

  List<TermStart> terms(Txn<ByteBuffer> txn, int group) {
    ByteBuffer row = require(get(txn, "terms-" + group), "terms-" + group);
    List<TermStart> starts = new ArrayList<>();
    while (row.hasRemaining()) {
      starts.add(new TermStart(row.getLong(), row.getLong()));
    }
    return List.copyOf(starts);
  }

  void putPeer(Txn<ByteBuffer> txn, NodeId peer, long incarnation) {
    put(txn, "peer-" + peer.number(), ByteBuffer.allocate(8).putLong(incarnation));
  }

  @Nullable Long peer(Txn<ByteBuffer> txn, NodeId peer) {
    ByteBuffer row = get(txn, "peer-" + peer.number());
    return row == null ? null : row.getLong();
  }

  private void put(Txn<ByteBuffer> txn, String name, ByteBuffer written) {
    byte[] body = new byte[written.position()];
    written.flip().get(body);
    byte[] row = ChecksummedRow.encode(name, VERSION, body);
    table.reserve(txn, key(name), row.length).put(row);
  }

  private @Nullable ByteBuffer get(Txn<ByteBuffer> txn, String name) {
    ByteBuffer row = table.get(txn, key(name));
    return row == null ? null : asLogFault(() -> ChecksummedRow.decode(name, VERSION, row));
  }

  private static ByteBuffer require(@Nullable ByteBuffer row, String name) {
    if (row == null) {
      throw new LogException.Corrupt("row " + name + ": missing");
    }
    return row;
  }

  /** The log speaks its own port's exceptions. */
  static <T> T asLogFault(Supplier<T> action) {
    try {
      return action.get();
    } catch (StorageException.Full e) {
      throw new LogException.Full(String.valueOf(e.getMessage()), e);
    } catch (StorageException.Corrupt e) {
      throw new LogException.Corrupt(String.valueOf(e.getMessage()));
    } catch (StorageException.WrongDirectory e) {
      throw new LogException.WrongDirectory(String.valueOf(e.getMessage()));
    } catch (StorageException e) {
      throw new LogException(String.valueOf(e.getMessage()), e);
    }
  }

  private ByteBuffer key(String name) {
    return keys.computeIfAbsent(
        name,
        absent -> {
          byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
          return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        });
  }
}
