package heartwood.server.command;

/** One client's connection, as commands see it. */
public interface Connection {}
