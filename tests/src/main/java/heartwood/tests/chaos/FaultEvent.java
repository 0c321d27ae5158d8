package heartwood.tests.chaos;

import org.jspecify.annotations.Nullable;

/**
 * A fault that happened. Immutable.
 *
 * @param target whom it met
 * @param beginNanos since the history began
 * @param endNanos when it was over: links healed, the node started or running again
 * @param isAlone whether all nodes served when it began; else it came on top of an earlier one
 * @param electionNanos from the death of a leader until another one led; null if that was not so
 */
record FaultEvent(
    FaultForm form,
    String target,
    long beginNanos,
    long endNanos,
    boolean isAlone,
    @Nullable Long electionNanos) {}
