package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client must be able to rely on: its database, its protocol, and what its own keys can
 * hold. Confined.
 */
final class Session {
  private final Map<String, Register> registers = new HashMap<>();
  private int database;
  private int version = 2;

  /** A new connection begins anew; the keys stay. */
  void reconnect() {
    database = 0;
    version = 2;
  }

  void select(int newDatabase) {
    database = newDatabase;
  }

  void hello(int newVersion) {
    version = newVersion;
  }

  Register register(String key) {
    return registers.computeIfAbsent(database + "/" + key, name -> new Register());
  }

  /** A bulk string's text, or nothing: in this protocol's form. */
  String textOf(Reply reply) {
    if (reply instanceof Reply.BulkString text) {
      return text.value().utf8();
    }
    assertThat(reply).isEqualTo(version == 3 ? Reply.Null.PLAIN : Reply.Null.BULK);
    return "";
  }

  /** The value of a hash's one field: a map in RESP3, a flat array in RESP2. */
  String onlyFieldOf(Reply reply) {
    if (version == 3) {
      assertThat(reply).isInstanceOf(Reply.MapReply.class);
      List<Reply.Entry> entries = ((Reply.MapReply) reply).entries();
      return entries.isEmpty() ? "" : textOf(entries.get(0).value());
    }
    assertThat(reply).isInstanceOf(Reply.Array.class);
    List<Reply> elements = ((Reply.Array) reply).elements();
    return elements.isEmpty() ? "" : textOf(elements.get(1));
  }
}
