package heartwood.storage;

/** A read transaction: sees one commit, the last one when it was begun or renewed. */
public interface TablesReader extends TablesView {
  /** Moves to the last commit. No cursor may be open; buffers handed out become invalid. */
  void renew();
}
