package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.DoubleText;
import heartwood.resp.Reply;
import heartwood.tools.console.JsonText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replies as JSON; what is not UTF-8 becomes U+FFFD. Stateless. */
final class JsonReply {
  private JsonReply() {}

  static byte[] of(Reply reply) {
    String text =
        reply instanceof Reply.SimpleError error
            ? "error:" + JsonText.of(error.message())
            : JsonText.of(value(reply));
    return (text + "\n").getBytes(UTF_8);
  }

  private static @Nullable Object value(Reply reply) {
    if (reply instanceof Reply.Array array) {
      return list(array.elements());
    } else if (reply instanceof Reply.SetReply set) {
      return list(set.elements());
    } else if (reply instanceof Reply.Push push) {
      return list(push.elements());
    } else if (reply instanceof Reply.MapReply map) {
      Map<String, @Nullable Object> entries = new LinkedHashMap<>();
      map.entries()
          .forEach(entry -> entries.put(String.valueOf(value(entry.key())), value(entry.value())));
      return entries;
    } else if (reply instanceof Reply.Attributed attributed) {
      return value(attributed.reply());
    } else if (reply instanceof Reply.IntegerReply integer) {
      return integer.value();
    } else if (reply instanceof Reply.DoubleReply number) {
      return number(number.value());
    } else if (reply instanceof Reply.BooleanReply bool) {
      return bool.value();
    } else if (reply instanceof Reply.Null) {
      return null;
    }
    return text(reply);
  }

  private static List<@Nullable Object> list(List<Reply> elements) {
    List<@Nullable Object> values = new ArrayList<>();
    elements.forEach(element -> values.add(value(element)));
    return values;
  }

  /** JSON has no infinity: such a number is text. */
  private static Object number(double value) {
    return Double.isFinite(value) ? new BigDecimal(DoubleText.of(value)) : DoubleText.of(value);
  }

  private static String text(Reply reply) {
    if (reply instanceof Reply.SimpleString string) {
      return string.text();
    } else if (reply instanceof Reply.SimpleError error) {
      return error.message();
    } else if (reply instanceof Reply.BulkError error) {
      return error.message().utf8();
    } else if (reply instanceof Reply.BulkString string) {
      return string.value().utf8();
    } else if (reply instanceof Reply.VerbatimString string) {
      return string.text().utf8();
    } else if (reply instanceof Reply.BigNumber number) {
      return number.digits();
    }
    throw new AssertionError(reply);
  }
}
