/**
 * The core's tests: paper tests walk through Raft §5 to §8 and the thesis, scripts hold whole
 * conversations. Begin with {@link heartwood.raft.core.TestNode}, which all of them drive.
 */
@NullMarked
package heartwood.raft.core;

import org.jspecify.annotations.NullMarked;
