package heartwood.resp;

/**
 * One decoded request: the command name and its arguments, as byte strings of any content.
 *
 * <p>A view over the decoder's buffer: valid until the next request is decoded, and only on the
 * thread that decodes.
 */
public interface Request {
  /** The number of arguments, the command name included; at least 1. */
  int count();

  /** The length in bytes of an argument. */
  int length(int argument);

  byte byteAt(int argument, int position);

  /** Copies a whole argument to {@code target} at {@code offset}. */
  void copyTo(int argument, byte[] target, int offset);
}
