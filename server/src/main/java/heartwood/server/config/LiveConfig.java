package heartwood.server.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The present configuration of a running node. Thread-safe: reading is one volatile read; changes
 * are made one after the other.
 */
public final class LiveConfig {
  private final @Nullable Path file;
  private final List<Consumer<ServerConfig>> listeners = new CopyOnWriteArrayList<>();
  private volatile ServerConfig current;

  /**
   * @param file that the node was started from, for {@link #rewrite}; null if none
   */
  public LiveConfig(ServerConfig initial, @Nullable Path file) {
    this.current = initial;
    this.file = file;
  }

  public ServerConfig current() {
    return current;
  }

  public <T> T get(Directive<T> directive) {
    return current.get(directive);
  }

  /** Calls the listener after each change, on the thread that makes it. */
  public void onChange(Consumer<ServerConfig> listener) {
    listeners.add(listener);
  }

  /**
   * Changes all of the named directives, or none.
   *
   * @param values by the names of known directives
   */
  public synchronized void set(Map<String, String> values) throws ConfigChangeException {
    ServerConfig changed = current;
    for (Map.Entry<String, String> entry : values.entrySet()) {
      Directive<?> directive = Directives.named(entry.getKey());
      if (directive == null) {
        throw new ConfigChangeException(entry.getKey(), "unknown directive");
      }
      if (directive.change() != Directive.Change.LIVE) {
        throw new ConfigChangeException(directive.name(), "can't set immutable config");
      }
      try {
        changed = changed.replaced(directive, entry.getValue());
      } catch (ConfigException e) {
        throw new ConfigChangeException(directive.name(), e.reason());
      }
    }
    current = changed;
    for (Consumer<ServerConfig> listener : listeners) {
      listener.accept(changed);
    }
  }

  /** The file that the node was started from, or null. */
  public @Nullable Path file() {
    return file;
  }

  /** Brings the file up to date: comments and order stay, what was changed is replaced or added. */
  public synchronized void rewrite() throws IOException {
    if (file == null) {
      throw new IllegalStateException("no configuration file");
    }
    ConfigRewriter.rewrite(file, current);
  }
}
