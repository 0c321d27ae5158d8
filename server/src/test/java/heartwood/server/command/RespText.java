package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** A reply as the text that goes over the wire, one char per byte. */
final class RespText implements ReplySink {
  private final Supplier<RespVersion> version;
  private final StringBuilder text = new StringBuilder();

  /**
   * @param version asked at each write, for HELLO changes it and is answered in the new one
   */
  RespText(Supplier<RespVersion> version) {
    this.version = version;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  @Override
  public RespVersion version() {
    return version.get();
  }

  @Override
  public void simpleString(String value) {
    line('+', value);
  }

  @Override
  public void error(String message) {
    line('-', message.replace('\r', ' ').replace('\n', ' '));
  }

  @Override
  public void integer(long value) {
    line(':', value);
  }

  @Override
  public void bulk(byte[] value) {
    bulk(value, 0, value.length);
  }

  @Override
  public void bulk(byte[] value, int offset, int length) {
    line('$', length);
    text.append(new String(value, offset, length, StandardCharsets.ISO_8859_1)).append("\r\n");
  }

  @Override
  public void bulk(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    bulk(bytes);
  }

  @Override
  public void bulk(String value) {
    bulk(value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void nullBulk() {
    text.append(isResp3() ? "_\r\n" : "$-1\r\n");
  }

  @Override
  public void nullArray() {
    text.append(isResp3() ? "_\r\n" : "*-1\r\n");
  }

  @Override
  public void array(int count) {
    line('*', count);
  }

  @Override
  public void map(int pairCount) {
    line(isResp3() ? '%' : '*', isResp3() ? pairCount : 2 * pairCount);
  }

  @Override
  public void set(int count) {
    line(isResp3() ? '~' : '*', count);
  }

  @Override
  public void push(int count) {
    line(isResp3() ? '>' : '*', count);
  }

  @Override
  public void doubleValue(double value) {
    if (isResp3()) {
      line(',', value);
    } else {
      bulk(Double.toString(value));
    }
  }

  @Override
  public void bool(boolean value) {
    if (isResp3()) {
      line('#', value ? "t" : "f");
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
  public void verbatim(String format, String value) {
    if (isResp3()) {
      byte[] bytes = (format + ":" + value).getBytes(StandardCharsets.UTF_8);
      line('=', bytes.length);
      text.append(new String(bytes, StandardCharsets.ISO_8859_1)).append("\r\n");
    } else {
      bulk(value);
    }
  }

  @Override
  public long mark() {
    return text.length();
  }

  @Override
  public void rollback(long mark) {
    text.setLength((int) mark);
  }

  private boolean isResp3() {
    return version() == RespVersion.RESP3;
  }

  private void line(char type, Object value) {
    text.append(type).append(value).append("\r\n");
  }
}
