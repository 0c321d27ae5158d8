package heartwood.server.command;

import org.jspecify.annotations.Nullable;

/**
 * Finds the moment that a request about the connection names, if it is one that would be heard.
 * What it comes to is asked of the state; then the command runs, and finds it in {@link
 * ClientState}. Stateless.
 */
@FunctionalInterface
interface MomentFinder {
  /**
   * The moment, or null if the command can run without.
   *
   * @throws CommandException when what stands there is no moment
   */
  @Nullable Moment find(Arguments args, Connection connection);
}
