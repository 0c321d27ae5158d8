/**
 * What is promised and not yet in LMDB: a log store writes each batch here, in one synced write,
 * and moves it into LMDB later, many batches in one commit.
 *
 * <pre>
 *   write ──► Journal (two files, in turns) ──► durable, answered
 *                 │ a file is full
 *                 └──► LMDB, in the background ──► the file may be written again
 * </pre>
 *
 * <p>Why it is here: a commit of LMDB writes some seven pages in seven places and waits for two
 * flushes, a journal writes once and waits for one. {@code LogBenchmark} shows both. The two files
 * are made in full at the start: a write never changes their size, so the file system has nothing
 * of its own to write.
 *
 * <p>Knows files and bytes; must never know LMDB, Raft or Redis.
 */
@NullMarked
package heartwood.storage.journal;

import org.jspecify.annotations.NullMarked;
