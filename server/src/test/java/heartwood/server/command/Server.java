package heartwood.server.command;

/** Something that answers Redis commands: this product, the real one, or a model of them. */
interface Server extends AutoCloseable {
  /** The reply as {@link TreeSink} would have it. */
  Object call(byte[]... command);

  @Override
  void close();
}
