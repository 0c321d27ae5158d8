package heartwood.tests.process;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that runs like the others and can be set. Thread-safe. */
final class SteppedClock extends Clock {
  private volatile Duration offset = Duration.ZERO;

  /** Sets it so far ahead of the true time; behind it, if negative. */
  void set(Duration newOffset) {
    offset = newOffset;
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(offset);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
