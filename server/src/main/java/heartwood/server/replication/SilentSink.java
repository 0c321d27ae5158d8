package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import java.nio.ByteBuffer;

/** The reply that nobody waits for: on followers, and for clients that asked for silence. */
final class SilentSink implements ReplySink {
  @Override
  public RespVersion version() {
    return RespVersion.RESP2;
  }

  @Override
  public void simpleString(String text) {}

  @Override
  public void error(String message) {}

  @Override
  public void integer(long value) {}

  @Override
  public void bulk(byte[] value) {}

  @Override
  public void bulk(byte[] value, int offset, int length) {}

  @Override
  public void bulk(ByteBuffer value) {}

  @Override
  public void bulk(String value) {}

  @Override
  public void nullBulk() {}

  @Override
  public void nullArray() {}

  @Override
  public void array(int count) {}

  @Override
  public void map(int pairCount) {}

  @Override
  public void set(int count) {}

  @Override
  public void push(int count) {}

  @Override
  public void doubleValue(double value) {}

  @Override
  public void bool(boolean value) {}

  @Override
  public void bigNumber(String digits) {}

  @Override
  public void verbatim(String format, String text) {}

  @Override
  public long mark() {
    return 0;
  }

  @Override
  public void rollback(long mark) {}
}
