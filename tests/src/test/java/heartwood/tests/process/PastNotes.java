package heartwood.tests.process;

import heartwood.resp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What clients were told of moments while those were young. Thread-safe. */
final class PastNotes {
  /**
   * @param moment that will always mean the same: a revision, or milliseconds since 1970
   */
  record Note(int database, long revision, String moment, List<String> command, Reply reply) {}

  private final List<Note> notes = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();

  synchronized void add(Note note) {
    notes.add(note);
  }

  synchronized List<Note> all() {
    return List.copyOf(notes);
  }

  /** The revision of the last note, or 0. */
  synchronized long lastRevision() {
    return notes.isEmpty() ? 0 : notes.get(notes.size() - 1).revision();
  }

  void onAcknowledged() {
    acknowledged.incrementAndGet();
  }

  long acknowledged() {
    return acknowledged.get();
  }
}
