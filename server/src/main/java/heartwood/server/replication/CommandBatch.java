package heartwood.server.replication;

import heartwood.resp.Request;
import heartwood.resp.RespVersion;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Moment;
import heartwood.server.command.PastRead;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Operations of many clients in the order in which they are to be executed and answered.
 *
 * <p>Filled by one event loop, then handed on and never changed. Writes stand in {@link
 * #writeBytes()} exactly as they will stand in the log; reads and answers that are already known
 * stand beside, since nobody else needs them. No object per operation: parallel arrays.
 *
 * <pre>
 *   write         command                  in the write bytes
 *   read          command                  in the side bytes, like all that follow
 *   past read     moment command           see {@link MomentFormat}
 *   answer        bytes
 * </pre>
 */
public final class CommandBatch {
  /** Goes through the log. */
  private static final byte WRITE = 0;

  /** Is executed by this node alone, at its place. */
  private static final byte READ = 1;

  /** An answer that was made at once and waits for its turn. */
  private static final byte ANSWER = 2;

  private static final byte KIND = 3;
  private static final byte RESP3 = 4;
  private static final byte SILENT = 8;

  /** A read of the past: its moment stands before its command. */
  private static final byte AS_OF = 16;

  /** The reply tells revision and time as well. */
  private static final byte WITH_REVISION = 32;

  private byte[] writeBytes = new byte[1024];
  private int writeLength;
  private int writeCount;
  private byte[] sideBytes = new byte[256];
  private int sideLength;

  private int count;
  private Client[] clients = new Client[16];
  private byte[] kinds = new byte[16];
  private @Nullable CommandSpec[] specs = new CommandSpec[16];

  /** Where an operation that is not a write begins in the side bytes. */
  private int[] offsets = new int[16];

  /** The database and the protocol are the client's at this moment. */
  public void addWrite(Client client, CommandSpec spec, Request request) {
    writeBytes = withRoom(writeBytes, writeLength, commandBytes(request));
    add(client, WRITE, spec, writeLength);
    writeLength = encode(spec, client.database(), request, writeBytes, writeLength);
    writeCount++;
  }

  /** The database and the protocol are the client's at this moment. */
  public void addRead(Client client, CommandSpec spec, Request request) {
    sideBytes = withRoom(sideBytes, sideLength, commandBytes(request));
    add(client, READ, spec, sideLength);
    sideLength = encode(spec, client.database(), request, sideBytes, sideLength);
  }

  /**
   * A read as of a moment, which is not relative to any clock but the log's. The database and the
   * protocol are the client's at this moment.
   */
  public void addPastRead(Client client, PastRead read, Moment moment) {
    Request request = read.request();
    byte[] prefix = MomentFormat.encode(moment);
    sideBytes = withRoom(sideBytes, sideLength, prefix.length + commandBytes(request));
    int withRevision = read.withRevision() ? WITH_REVISION : 0;
    add(client, (byte) (READ | AS_OF | withRevision), read.spec(), sideLength);
    System.arraycopy(prefix, 0, sideBytes, sideLength, prefix.length);
    sideLength += prefix.length;
    sideLength = encode(read.spec(), client.database(), request, sideBytes, sideLength);
  }

  /** Bytes that are sent as they are when their turn comes. */
  public void addAnswer(Client client, byte[] reply, int length) {
    sideBytes = withRoom(sideBytes, sideLength, length);
    add(client, ANSWER, null, sideLength);
    System.arraycopy(reply, 0, sideBytes, sideLength, length);
    sideLength += length;
  }

  /** An upper bound of the bytes that a request takes in a batch. */
  public static long commandBytes(Request request) {
    return EntryFormat.COMMAND_HEADER_BYTES + Arguments.maxEncodedBytes(request);
  }

  public static int encode(
      CommandSpec spec, int database, Request request, byte[] target, int offset) {
    int position = EntryFormat.putCommandHeader(target, offset, spec.id(), database);
    return Arguments.encode(request, target, position);
  }

  public int count() {
    return count;
  }

  public int writeCount() {
    return writeCount;
  }

  public byte[] writeBytes() {
    return writeBytes;
  }

  public int writeLength() {
    return writeLength;
  }

  public Client client(int operation) {
    return clients[operation];
  }

  public boolean isWrite(int operation) {
    return (kinds[operation] & KIND) == WRITE;
  }

  public boolean isRead(int operation) {
    return (kinds[operation] & KIND) == READ;
  }

  public boolean isPastRead(int operation) {
    return (kinds[operation] & AS_OF) != 0;
  }

  boolean isWithRevision(int operation) {
    return (kinds[operation] & WITH_REVISION) != 0;
  }

  /** The moment of a read of the past. */
  Moment moment(int operation) {
    return MomentFormat.decode(sideBytes, offsets[operation]);
  }

  /** The protocol in which the operation's reply is written. */
  public RespVersion version(int operation) {
    return (kinds[operation] & RESP3) == 0 ? RespVersion.RESP2 : RespVersion.RESP3;
  }

  /** Whether the client asked for no reply to this one. */
  public boolean isSilent(int operation) {
    return (kinds[operation] & SILENT) != 0;
  }

  public CommandSpec spec(int operation) {
    return Objects.requireNonNull(specs[operation]);
  }

  public byte[] sideBytes() {
    return sideBytes;
  }

  public int sideOffset(int operation) {
    return offsets[operation];
  }

  /** Where the command of a read begins in the side bytes. */
  public int commandOffset(int operation) {
    int offset = offsets[operation];
    return isPastRead(operation) ? MomentFormat.end(sideBytes, offset) : offset;
  }

  /** Where an operation that is not a write ends in the side bytes. */
  public int sideEnd(int operation) {
    for (int next = operation + 1; next < count; next++) {
      if (!isWrite(next)) {
        return offsets[next];
      }
    }
    return sideLength;
  }

  public long bytes() {
    return (long) writeLength + sideLength;
  }

  private void add(Client client, byte kind, @Nullable CommandSpec spec, int offset) {
    if (count == kinds.length) {
      int larger = count * 2;
      clients = Arrays.copyOf(clients, larger);
      kinds = Arrays.copyOf(kinds, larger);
      specs = Arrays.copyOf(specs, larger);
      offsets = Arrays.copyOf(offsets, larger);
    }
    clients[count] = client;
    byte resp3 = client.version() == RespVersion.RESP3 ? RESP3 : 0;
    byte silent = client.isSilent() ? SILENT : 0;
    kinds[count] = (byte) (kind | resp3 | silent);
    specs[count] = spec;
    offsets[count] = offset;
    count++;
  }

  private static byte[] withRoom(byte[] bytes, int length, long more) {
    long wanted = length + more;
    if (wanted <= bytes.length) {
      return bytes;
    }
    if (wanted > Integer.MAX_VALUE - 16) {
      throw new IllegalStateException("batch: " + wanted + " bytes (expected: below 2 GiB)");
    }
    return Arrays.copyOf(
        bytes, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(wanted, 2L * length)));
  }
}
