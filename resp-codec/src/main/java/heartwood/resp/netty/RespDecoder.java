package heartwood.resp.netty;

import heartwood.resp.ProtocolException;
import heartwood.resp.Request;
import io.netty.buffer.ByteBuf;

/**
 * Finds the requests in the bytes of one connection: the server's first step, and its hottest.
 * Confined to the connection's event loop.
 *
 * <p>The caller appends what arrives to one cumulation buffer and asks for requests until there is
 * none left:
 *
 * <pre>{@code
 * while (decoder.decode(cumulation)) {
 *   execute(decoder.request());
 * }
 * }</pre>
 *
 * <p>The bytes of an unfinished request stay in the buffer, from its reader index on. Between two
 * calls the caller may move them (discard what was read, copy to a larger buffer) but not change
 * them. A fault leaves the reader index before the request, and a further call meets it again.
 */
public final class RespDecoder {
  /*
   * A request, and what the decoder remembers of an unfinished one:
   *
   *   *3 CR LF $3 CR LF S E T CR LF $1 CR LF k CR LF $100 CR LF v v v v …
   *   ^                                                         ^      ^
   *   reader index, stays here until the end             position      end of what arrived
   *   argumentsMissing = 1, bulkBytes = 100
   *
   * Cost. Every line is scanned once (scanned remembers how far) and the bytes of an argument never:
   * it is enough to know that they are here. So a request of n bytes in m pieces costs O(n + m).
   * A line of up to five digits is one read of eight bytes (NumberLine); a small SET is four reads.
   *
   * Memory. Nothing is allocated for what was announced. Offsets are added as arguments arrive, so
   * the sender pays at least five bytes for each eight of ours; the buffer is the caller's.
   *
   * Like Redis, and unlike a strict reading of the protocol, the decoder does not look at the byte
   * after CR, nor at the two bytes after an argument. Faults depend on the bytes alone, never on how
   * they were split: a line is too long if its first maxInlineBytes + 1 bytes hold no end.
   */
  private static final int NO_BULK = -1;

  private static final String TOO_BIG_INLINE = "Protocol error: too big inline request";
  private static final String TOO_BIG_COUNT = "Protocol error: too big mbulk count string";
  private static final String TOO_BIG_LENGTH = "Protocol error: too big bulk count string";
  private static final String INVALID_COUNT = "Protocol error: invalid multibulk length";
  private static final String INVALID_LENGTH = "Protocol error: invalid bulk length";
  private static final String UNAUTHENTICATED_COUNT =
      "Protocol error: unauthenticated multibulk length";
  private static final String UNAUTHENTICATED_LENGTH =
      "Protocol error: unauthenticated bulk length";

  private final RequestView request = new RequestView();

  private FrameLimits limits;
  private boolean isAuthenticated;

  /** The limits in force, which follow from {@code limits} and {@code isAuthenticated}. */
  private int maxArgumentCount;

  private int maxBulkBytes;

  /** Arguments of the unfinished multi-bulk request that are still to come; 0 between requests. */
  private int argumentsMissing;

  /** The length of the argument at {@code position}; NO_BULK when its header is still to come. */
  private int bulkBytes = NO_BULK;

  /** Where the next line or argument begins, counted from the reader index. */
  private int position;

  /** No end of the line at {@code position} lies before this, counted from the reader index. */
  private int scanned;

  private int bytesWanted = 1;

  /**
   * @param isAuthenticated false while the client must still authenticate: the narrow limits hold
   */
  public RespDecoder(FrameLimits limits, boolean isAuthenticated) {
    this.limits = limits;
    this.isAuthenticated = isAuthenticated;
    applyLimits();
  }

  /** Changes the limits; headers that were already read stay accepted. Cheap: call it at will. */
  public void limits(FrameLimits limits) {
    this.limits = limits;
    applyLimits();
  }

  /** Switches the narrow limits off (true) or on. */
  public void authenticated(boolean isAuthenticated) {
    this.isAuthenticated = isAuthenticated;
    applyLimits();
  }

  private void applyLimits() {
    maxArgumentCount = limits.maxArgumentCount();
    maxBulkBytes = limits.maxBulkBytes();
    if (!isAuthenticated) {
      maxArgumentCount = Math.min(maxArgumentCount, limits.maxUnauthenticatedArgumentCount());
      maxBulkBytes = Math.min(maxBulkBytes, limits.maxUnauthenticatedBulkBytes());
    }
  }

  /**
   * Moves the reader index past the next whole request, which {@link #request} then shows; empty
   * lines and empty arrays before it are skipped.
   *
   * @return false when more bytes are needed
   * @throws ProtocolException if what follows can be no request
   */
  public boolean decode(ByteBuf in) {
    while (argumentsMissing == 0) {
      request.clear();
      if (!in.isReadable()) {
        bytesWanted = 1;
        return false;
      }
      boolean isMultiBulk = in.getByte(in.readerIndex()) == '*';
      if (isMultiBulk ? !decodeCount(in) : !decodeInline(in)) {
        return false;
      }
      if (request.count() > 0) {
        return true;
      }
    }
    return decodeArguments(in);
  }

  /** The request that the last call of {@link #decode} found; valid until the next call. */
  public Request request() {
    return request;
  }

  /**
   * After {@link #decode} returned false: how many more bytes it takes, at least, before a call can
   * come further. A client announces the number and need not keep its word: grow the buffer towards
   * it as bytes arrive, never to it at once.
   */
  public int bytesWanted() {
    return bytesWanted;
  }

  /** Reads {@code *count}; false when the line is not yet whole. */
  private boolean decodeCount(ByteBuf in) {
    int start = in.readerIndex();
    int arrived = in.readableBytes();
    if (arrived >= NumberLine.WORD_BYTES) {
      int line = NumberLine.decodeShort(in.getLongLE(start));
      int count = NumberLine.value(line);
      if (count > 0 && count <= maxArgumentCount) {
        argumentsMissing = count;
        position = NumberLine.length(line);
        return true;
      }
    }
    int end = findLineEnd(in, start, arrived, TOO_BIG_COUNT);
    if (end < 0) {
      return false;
    }
    long count = NumberLine.parse(in, start + 1, start + end, INVALID_COUNT);
    if (count > limits.maxArgumentCount()) {
      throw new ProtocolException(INVALID_COUNT);
    }
    if (count > maxArgumentCount) {
      throw new ProtocolException(UNAUTHENTICATED_COUNT);
    }
    if (count <= 0) {
      skip(in, end + 2);
    } else {
      argumentsMissing = (int) count;
      position = end + 2;
    }
    return true;
  }

  /** Reads a whole line of words; false when it is not yet whole. */
  private boolean decodeInline(ByteBuf in) {
    int start = in.readerIndex();
    int lineFeed = indexOf((byte) '\n', in, start, in.readableBytes(), TOO_BIG_INLINE);
    if (lineFeed < 0) {
      return false;
    }
    int end = start + lineFeed;
    boolean hasCarriageReturn = lineFeed > 0 && in.getByte(end - 1) == '\r';
    InlineRequest.decode(in, start, hasCarriageReturn ? end - 1 : end, request);
    skip(in, lineFeed + 1);
    return true;
  }

  /** Reads what has arrived of the arguments; false when some are still missing. */
  private boolean decodeArguments(ByteBuf in) {
    int start = in.readerIndex();
    int arrived = in.readableBytes();
    while (argumentsMissing > 0) {
      if (bulkBytes == NO_BULK && !decodeLength(in, start, arrived)) {
        return false;
      }
      int end = position + bulkBytes + 2;
      if (arrived < end) {
        bytesWanted = end - arrived;
        return false;
      }
      request.add(position, bulkBytes);
      position = end;
      bulkBytes = NO_BULK;
      argumentsMissing--;
    }
    request.locate(in, start);
    skip(in, position);
    return true;
  }

  /** Reads {@code $length}; false when the line is not yet whole. */
  private boolean decodeLength(ByteBuf in, int start, int arrived) {
    if (arrived - position >= NumberLine.WORD_BYTES) {
      long word = in.getLongLE(start + position);
      int line = NumberLine.decodeShort(word);
      int length = NumberLine.value(line);
      if (line >= 0 && (byte) word == '$' && length <= maxBulkBytes) {
        startBulk(NumberLine.length(line), length);
        return true;
      }
    }
    int end = findLineEnd(in, start, arrived, TOO_BIG_LENGTH);
    if (end < 0) {
      return false;
    }
    int line = start + position;
    if (in.getByte(line) != '$') {
      char got = (char) in.getUnsignedByte(line);
      throw new ProtocolException("Protocol error: expected '$', got '" + got + "'");
    }
    long length = NumberLine.parse(in, line + 1, start + end, INVALID_LENGTH);
    if (length < 0 || length > limits.maxBulkBytes()) {
      throw new ProtocolException(INVALID_LENGTH);
    }
    if (length > maxBulkBytes) {
      throw new ProtocolException(UNAUTHENTICATED_LENGTH);
    }
    startBulk(end + 2 - position, (int) length);
    return true;
  }

  private void startBulk(int lineBytes, int length) {
    long requestBytes = (long) position + lineBytes + length + 2;
    if (requestBytes > limits.maxRequestBytes()) {
      throw ProtocolException.unanswered(
          "request bytes: " + requestBytes + " (expected: <= " + limits.maxRequestBytes() + ")");
    }
    position += lineBytes;
    bulkBytes = length;
  }

  /**
   * The CR that ends the line at {@code position}, if it and the byte after it are here; else -1.
   */
  private int findLineEnd(ByteBuf in, int start, int arrived, String tooBig) {
    int carriageReturn = indexOf((byte) '\r', in, start, arrived, tooBig);
    if (carriageReturn < 0 || carriageReturn + 1 < arrived) {
      return carriageReturn;
    }
    scanned = carriageReturn;
    bytesWanted = 1;
    return -1;
  }

  private int indexOf(byte terminator, ByteBuf in, int start, int arrived, String tooBig) {
    int to = (int) Math.min(arrived, (long) position + limits.maxInlineBytes() + 1);
    int from = Math.max(position, scanned);
    int index = from < to ? in.indexOf(start + from, start + to, terminator) : -1;
    if (index >= 0) {
      return index - start;
    }
    if (arrived - position > limits.maxInlineBytes()) {
      throw new ProtocolException(tooBig);
    }
    scanned = to;
    bytesWanted = 1;
    return -1;
  }

  private void skip(ByteBuf in, int bytes) {
    in.skipBytes(bytes);
    position = 0;
    scanned = 0;
  }
}
