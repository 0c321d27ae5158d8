package heartwood.server.net;

import java.util.concurrent.atomic.LongAdder;

/** What clients sent and got. Thread-safe. */
public final class TrafficCounters {
  private final LongAdder connections = new LongAdder();
  private final LongAdder rejectedConnections = new LongAdder();
  private final LongAdder readBytes = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private final LongAdder commands = new LongAdder();

  void onAccepted() {
    connections.increment();
  }

  void onRejected() {
    rejectedConnections.increment();
  }

  void onRead(int bytes) {
    readBytes.add(bytes);
  }

  void onWritten(int bytes, int answers) {
    writtenBytes.add(bytes);
    commands.add(answers);
  }

  public long connections() {
    return connections.sum();
  }

  public long rejectedConnections() {
    return rejectedConnections.sum();
  }

  public long readBytes() {
    return readBytes.sum();
  }

  public long writtenBytes() {
    return writtenBytes.sum();
  }

  /** Operations that were answered. */
  public long commands() {
    return commands.sum();
  }

  public void reset() {
    connections.reset();
    rejectedConnections.reset();
    readBytes.reset();
    writtenBytes.reset();
    commands.reset();
  }
}
