package heartwood.server.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arguments as people read them: {@code key [EX seconds | PX milliseconds] [field ...]}. */
final class SyntaxText {
  private SyntaxText() {}

  static String of(List<ArgumentDoc> arguments) {
    return joined(" ", arguments);
  }

  private static String joined(String separator, List<ArgumentDoc> arguments) {
    List<String> texts = new ArrayList<>();
    for (ArgumentDoc argument : arguments) {
      texts.add(of(argument));
    }
    return String.join(separator, texts);
  }

  private static String of(ArgumentDoc argument) {
    String body =
        switch (argument.type()) {
          case PURE_TOKEN -> String.valueOf(argument.token());
          case ONE_OF -> withToken(argument.token(), oneOf(argument));
          case BLOCK -> withToken(argument.token(), joined(" ", argument.parts()));
          default -> withToken(argument.token(), argument.name());
        };
    if (argument.multiple()) {
      String again = argument.multipleToken() ? body : withoutToken(argument, body);
      body = body + " [" + again + " ...]";
    }
    return argument.optional() ? "[" + body + "]" : body;
  }

  private static String oneOf(ArgumentDoc argument) {
    String choices = joined(" | ", argument.parts());
    return argument.optional() && argument.token() == null ? choices : "<" + choices + ">";
  }

  private static String withToken(@Nullable String token, String body) {
    return token == null ? body : token + " " + body;
  }

  private static String withoutToken(ArgumentDoc argument, String body) {
    return argument.token() == null ? body : body.substring(argument.token().length() + 1);
  }
}
