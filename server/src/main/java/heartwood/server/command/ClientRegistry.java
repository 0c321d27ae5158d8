package heartwood.server.command;

import java.util.function.Consumer;

/** The open connections of this node. Thread-safe. */
public interface ClientRegistry {
  int count();

  /** Calls for each open connection, in the order of their ids. */
  void forEach(Consumer<Connection> consumer);
}
