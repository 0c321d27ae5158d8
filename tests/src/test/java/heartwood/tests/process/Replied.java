package heartwood.tests.process;

import heartwood.resp.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What replies say, for tests that ask about the past. Stateless. */
final class Replied {
  private Replied() {}

  static List<Reply> elements(Reply reply) {
    if (reply instanceof Reply.Array array) {
      return array.elements();
    }
    throw new AssertionError("no array: " + reply);
  }

  static long number(Reply reply) {
    if (reply instanceof Reply.IntegerReply integer) {
      return integer.value();
    }
    throw new AssertionError("no integer: " + reply);
  }

  /** A bulk string's text; of any other reply what tells it apart. */
  static String text(Reply reply) {
    return reply instanceof Reply.BulkString bulk ? bulk.value().utf8() : String.valueOf(reply);
  }

  static List<String> texts(Reply reply) {
    return elements(reply).stream().map(Replied::text).toList();
  }

  /** The revision of the present, by a connection whose node leads or forwards. */
  static long lastRevision(RawConnection connection) throws IOException {
    return number(elements(connection.call("AT", "now", "WITHREV")).get(0));
  }

  /** Sends all commands at once. */
  static List<Reply> pipelined(RawConnection connection, List<String[]> commands)
      throws IOException {
    for (String[] command : commands) {
      connection.send(command);
    }
    connection.flush();
    List<Reply> replies = new ArrayList<>(commands.size());
    for (int i = 0; i < commands.size(); i++) {
      replies.add(connection.receive());
    }
    return replies;
  }
}
