package heartwood.tests.history;

import java.io.IOException;

/** A file is no history, or one of another version; the message says which line. Immutable. */
public final class MalformedHistoryException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedHistoryException(String message) {
    super(message);
  }
}
