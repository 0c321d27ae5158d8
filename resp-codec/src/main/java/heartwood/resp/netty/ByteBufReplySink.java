package heartwood.resp.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;

import heartwood.resp.DoubleText;
import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;

/**
 * Writes replies as bytes, exactly as Redis would in the connection's protocol version. Confined to
 * one thread at a time; buffer and version may change between two replies.
 *
 * <p>The buffer belongs to the caller, and so does the bound on its size: a write beyond its
 * maximal capacity throws {@link IndexOutOfBoundsException}.
 */
public class ByteBufReplySink implements ReplySink {
  private static final long OK_LINE = ascii("+OK\r\n");
  private static final long NULL_BULK = ascii("$-1\r\n");
  private static final long NULL_ARRAY = ascii("*-1\r\n");
  private static final long NULL_LINE = ascii("_\r\n");
  private static final long TRUE_LINE = ascii("#t\r\n");
  private static final long FALSE_LINE = ascii("#f\r\n");

  private ByteBuf out;
  private RespVersion version;

  public ByteBufReplySink(ByteBuf out, RespVersion version) {
    this.out = out;
    this.version = version;
  }

  /** Writes to another buffer from now on. */
  public void buffer(ByteBuf out) {
    this.out = out;
  }

  public ByteBuf buffer() {
    return out;
  }

  /** Speaks another version from now on: HELLO, RESET. */
  public void version(RespVersion version) {
    this.version = version;
  }

  @Override
  public RespVersion version() {
    return version;
  }

  @Override
  public long mark() {
    return out.writerIndex();
  }

  @Override
  public void rollback(long mark) {
    out.writerIndex((int) mark);
  }

  @Override
  public void ok() {
    word(OK_LINE, 5);
  }

  @Override
  public void simpleString(String text) {
    line('+', text);
  }

  @Override
  public void error(String message) {
    line('-', message);
  }

  @Override
  public void integer(long value) {
    NumberLine.encode(out, ':', value);
  }

  @Override
  public void bulk(byte[] value) {
    bulk(value, 0, value.length);
  }

  @Override
  public void bulk(byte[] value, int offset, int length) {
    NumberLine.encode(out, '$', length);
    out.writeBytes(value, offset, length);
    crlf();
  }

  @Override
  public void bulk(ByteBuffer value) {
    int position = value.position();
    NumberLine.encode(out, '$', value.remaining());
    out.writeBytes(value); // moves the position
    value.position(position);
    crlf();
  }

  @Override
  public void bulk(String value) {
    bulk('$', "", value);
  }

  @Override
  public void nullBulk() {
    if (isResp3()) {
      word(NULL_LINE, 3);
    } else {
      word(NULL_BULK, 5);
    }
  }

  @Override
  public void nullArray() {
    if (isResp3()) {
      word(NULL_LINE, 3);
    } else {
      word(NULL_ARRAY, 5);
    }
  }

  @Override
  public void array(int count) {
    NumberLine.encode(out, '*', count);
  }

  @Override
  public void map(int pairCount) {
    if (isResp3()) {
      NumberLine.encode(out, '%', pairCount);
    } else {
      NumberLine.encode(out, '*', 2L * pairCount);
    }
  }

  @Override
  public void set(int count) {
    NumberLine.encode(out, isResp3() ? '~' : '*', count);
  }

  @Override
  public void push(int count) {
    NumberLine.encode(out, isResp3() ? '>' : '*', count);
  }

  @Override
  public void doubleValue(double value) {
    if (isResp3()) {
      line(',', DoubleText.of(value));
    } else {
      bulk(DoubleText.of(value));
    }
  }

  @Override
  public void bool(boolean value) {
    if (isResp3()) {
      word(value ? TRUE_LINE : FALSE_LINE, 4);
    } else {
      integer(value ? 1 : 0);
    }
  }

  @Override
  public void bigNumber(String digits) {
    if (isResp3()) {
      line('(', digits);
    } else {
      bulk(digits);
    }
  }

  @Override
  public void verbatim(String format, String text) {
    if (format.length() != 3) {
      throw new IllegalArgumentException("format: " + format + " (expected: three letters)");
    }
    if (isResp3()) {
      bulk('=', format + ":", text);
    } else {
      bulk(text);
    }
  }

  private boolean isResp3() {
    return version() == RespVersion.RESP3;
  }

  private void bulk(char type, String head, String text) {
    NumberLine.encode(out, type, head.length() + ByteBufUtil.utf8Bytes(text));
    out.writeBytes(head.getBytes(US_ASCII));
    ByteBufUtil.writeUtf8(out, text);
    crlf();
  }

  /** A line cannot hold its own end: CR and LF become spaces, which have one byte as well. */
  private void line(char type, String text) {
    out.writeByte(type);
    int start = out.writerIndex();
    ByteBufUtil.writeUtf8(out, text);
    for (int i = start; i < out.writerIndex(); i++) {
      byte b = out.getByte(i);
      if (b == '\r' || b == '\n') {
        out.setByte(i, ' ');
      }
    }
    crlf();
  }

  private void crlf() {
    out.writeShortLE(NumberLine.CRLF);
  }

  /** Writes the first bytes of a little-endian word at once; what lies behind is not ours yet. */
  private void word(long word, int length) {
    out.ensureWritable(Long.BYTES);
    int start = out.writerIndex();
    out.setLongLE(start, word);
    out.writerIndex(start + length);
  }

  private static long ascii(String line) {
    long word = 0;
    for (int i = line.length() - 1; i >= 0; i--) {
      word = word << 8 | line.charAt(i);
    }
    return word;
  }
}
