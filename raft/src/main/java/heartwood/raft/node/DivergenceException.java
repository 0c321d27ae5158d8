package heartwood.raft.node;

/**
 * This node's state is not what a majority made of the same log: it must not be asked any more, and
 * it must be made anew from the others'.
 */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergenceException(String message) {
    super(message);
  }
}
