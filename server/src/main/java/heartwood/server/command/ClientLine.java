package heartwood.server.command;

import heartwood.server.config.OutputLimits.ClientClass;

/** A connection as CLIENT LIST describes it: {@code name=value} pairs, which tools look up. */
final class ClientLine {
  private ClientLine() {}

  static String of(Connection client, long nowMillis) {
    ClientState state = client.state();
    CommandSpec command = client.lastCommand();
    StringBuilder line = new StringBuilder(256);
    put(line, "id", client.id());
    put(line, "addr", client.address());
    put(line, "laddr", client.localAddress());
    put(line, "fd", -1); // event loops do not tell
    put(line, "name", state.name());
    put(line, "age", seconds(nowMillis - client.createdMillis()));
    put(line, "idle", seconds(nowMillis - client.lastRequestMillis()));
    put(line, "flags", flags(client));
    put(line, "db", state.database());
    put(line, "sub", 0);
    put(line, "psub", 0);
    put(line, "ssub", 0);
    put(line, "multi", -1);
    put(line, "watch", 0);
    put(line, "qbuf", client.queryBytes());
    put(line, "qbuf-free", 0);
    put(line, "argv-mem", 0);
    put(line, "multi-mem", 0);
    put(line, "obl", 0);
    put(line, "oll", 0);
    put(line, "omem", client.replyBytes());
    put(line, "tot-mem", client.queryBytes() + client.replyBytes());
    put(line, "events", client.replyBytes() == 0 ? "r" : "rw");
    put(line, "cmd", command == null ? "NULL" : command.name());
    put(line, "user", state.user());
    put(line, "redir", -1);
    put(line, "resp", state.version().number());
    put(line, "lib-name", state.libraryName());
    put(line, "lib-ver", state.libraryVersion());
    Moment frozenAt = state.frozenAt();
    if (frozenAt instanceof Moment.Resolved at) {
      put(line, "asof", "@" + at.revision());
    } else if (frozenAt instanceof Moment.Ago ago) {
      put(line, "asof", "-" + ago.millis() + "ms");
    }
    return line.toString();
  }

  private static void put(StringBuilder line, String name, Object value) {
    line.append(line.isEmpty() ? "" : " ").append(name).append('=').append(value);
  }

  private static long seconds(long millis) {
    return Math.max(0, millis / 1000);
  }

  private static String flags(Connection client) {
    ClientState state = client.state();
    StringBuilder flags = new StringBuilder();
    if (client.clientClass() != ClientClass.NORMAL) {
      flags.append(ClientFilter.flagOf(client.clientClass()));
    }
    flags.append(state.isReadonly() ? "r" : "");
    flags.append(state.isNoEvict() ? "e" : "");
    flags.append(state.isNoTouch() ? "T" : "");
    return flags.isEmpty() ? "N" : flags.toString();
  }
}
