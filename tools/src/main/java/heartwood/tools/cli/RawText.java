package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.DoubleText;
import heartwood.resp.Reply;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Replies for pipes, as redis-cli writes them: the bytes, a line each. Confined; for one reply. */
final class RawText {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private RawText() {}

  static byte[] of(Reply reply) {
    RawText text = new RawText();
    text.append(reply);
    text.out.write('\n');
    return text.out.toByteArray();
  }

  private void append(Reply reply) {
    if (reply instanceof Reply.Array array) {
      lines(array.elements());
    } else if (reply instanceof Reply.SetReply set) {
      lines(set.elements());
    } else if (reply instanceof Reply.Push push) {
      lines(push.elements());
    } else if (reply instanceof Reply.MapReply map) {
      entries(map.entries());
    } else if (reply instanceof Reply.Attributed attributed) {
      append(attributed.reply());
    } else {
      value(reply);
    }
  }

  private void lines(List<Reply> elements) {
    for (int i = 0; i < elements.size(); i++) {
      text(i == 0 ? "" : "\n");
      append(elements.get(i));
    }
  }

  private void entries(List<Reply.Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      text(i == 0 ? "" : "\n");
      append(entries.get(i).key());
      text(" ");
      append(entries.get(i).value());
    }
  }

  private void value(Reply reply) {
    if (reply instanceof Reply.SimpleString string) {
      text(string.text());
    } else if (reply instanceof Reply.SimpleError error) {
      text(error.message() + "\n");
    } else if (reply instanceof Reply.BulkError error) {
      out.writeBytes(error.message().toArray());
      text("\n");
    } else if (reply instanceof Reply.BulkString string) {
      out.writeBytes(string.value().toArray());
    } else if (reply instanceof Reply.VerbatimString string) {
      out.writeBytes(string.text().toArray());
    } else if (reply instanceof Reply.IntegerReply integer) {
      text(String.valueOf(integer.value()));
    } else if (reply instanceof Reply.DoubleReply number) {
      text(DoubleText.of(number.value()));
    } else if (reply instanceof Reply.BigNumber number) {
      text(number.digits());
    } else if (reply instanceof Reply.BooleanReply bool) {
      text(bool.value() ? "(true)" : "(false)");
    } else if (!(reply instanceof Reply.Null)) {
      throw new AssertionError(reply);
    }
  }

  private void text(String text) {
    out.writeBytes(text.getBytes(UTF_8));
  }
}
