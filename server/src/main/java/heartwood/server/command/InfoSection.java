package heartwood.server.command;

/** A section of INFO. Runs on the thread of the connection that asks. */
@FunctionalInterface
interface InfoSection {
  void write(Connection connection, InfoLines lines);
}
