/**
 * What clients asked and heard, and whether one server that never fails could have said the same:
 * linearizability, per key, exact about what was not executed and what is not known.
 *
 * <pre>
 *   HistoryFile ──Operation…──► HistoryChecker ──one key──► KeyHistory ──events──► Search ──► Verdict
 *                                     └── reads of the past ──► PastReads
 * </pre>
 *
 * <p>Knows neither sockets nor processes nor the server: a history that was recorded once is judged
 * again from its file. No threads, no clock. Begin with {@link
 * heartwood.tests.history.HistoryChecker}; how it is decided stands in {@code Search}.
 */
@NullMarked
package heartwood.tests.history;

import org.jspecify.annotations.NullMarked;
