package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.DoubleText;
import heartwood.resp.Reply;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Replies for people, as redis-cli shows them at a terminal. Confined; lives for one reply.
 *
 * <pre>
 *   1) "a"
 *   2) 1) (integer) 2      what is nested stands under its first element
 *      2) (nil)
 *   1# "k" => "v"          of a map; 1~ of a set
 *   2# "l" =>              several elements of a value begin on a line of their own
 *      1) "a"
 *      2) "b"
 * </pre>
 */
final class PrettyText {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private PrettyText() {}

  static byte[] of(Reply reply) {
    PrettyText text = new PrettyText();
    text.append(reply, "");
    return text.out.toByteArray();
  }

  private void append(Reply reply, String indent) {
    if (reply instanceof Reply.Array array) {
      elements(array.elements(), ')', "(empty array)", indent);
    } else if (reply instanceof Reply.SetReply set) {
      elements(set.elements(), '~', "(empty set)", indent);
    } else if (reply instanceof Reply.Push push) {
      elements(push.elements(), '>', "(empty push)", indent);
    } else if (reply instanceof Reply.MapReply map) {
      entries(map.entries(), indent);
    } else if (reply instanceof Reply.Attributed attributed) {
      append(attributed.reply(), indent);
    } else {
      value(reply);
      out.write('\n');
    }
  }

  private void elements(List<Reply> elements, char mark, String empty, String indent) {
    if (elements.isEmpty()) {
      text(empty + "\n");
      return;
    }
    int width = String.valueOf(elements.size()).length();
    for (int i = 0; i < elements.size(); i++) {
      number(i, width, mark, indent);
      append(elements.get(i), indent + " ".repeat(width + 2));
    }
  }

  private void entries(List<Reply.Entry> entries, String indent) {
    if (entries.isEmpty()) {
      text("(empty hash)\n");
      return;
    }
    int width = String.valueOf(entries.size()).length();
    String deeper = indent + " ".repeat(width + 2);
    for (int i = 0; i < entries.size(); i++) {
      number(i, width, '#', indent);
      PrettyText key = new PrettyText();
      key.append(entries.get(i).key(), deeper);
      byte[] shown = key.out.toByteArray();
      out.write(shown, 0, shown.length - 1); // without the end of the line
      text(" => ");
      if (elementCount(entries.get(i).value()) > 1) {
        text("\n" + deeper);
      }
      append(entries.get(i).value(), deeper);
    }
  }

  private static int elementCount(Reply reply) {
    if (reply instanceof Reply.Array array) {
      return array.elements().size();
    } else if (reply instanceof Reply.SetReply set) {
      return set.elements().size();
    } else if (reply instanceof Reply.MapReply map) {
      return map.entries().size();
    }
    return 0;
  }

  private void number(int position, int width, char mark, String indent) {
    text(position == 0 ? "" : indent);
    text(String.format("%" + width + "d%c ", position + 1, mark));
  }

  private void value(Reply reply) {
    if (reply instanceof Reply.SimpleString string) {
      text(string.text());
    } else if (reply instanceof Reply.SimpleError error) {
      text("(error) " + error.message());
    } else if (reply instanceof Reply.BulkError error) {
      text("(error) ");
      out.writeBytes(error.message().toArray());
    } else if (reply instanceof Reply.BulkString string) {
      text(string.value().toString());
    } else if (reply instanceof Reply.VerbatimString string) {
      out.writeBytes(string.text().toArray());
    } else if (reply instanceof Reply.IntegerReply integer) {
      text("(integer) " + integer.value());
    } else if (reply instanceof Reply.DoubleReply number) {
      text("(double) " + DoubleText.of(number.value()));
    } else if (reply instanceof Reply.BigNumber number) {
      text(number.digits());
    } else if (reply instanceof Reply.BooleanReply bool) {
      text(bool.value() ? "(true)" : "(false)");
    } else if (reply instanceof Reply.Null) {
      text("(nil)");
    } else {
      throw new AssertionError(reply);
    }
  }

  private void text(String text) {
    out.writeBytes(text.getBytes(UTF_8));
  }
}
