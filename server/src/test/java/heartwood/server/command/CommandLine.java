package heartwood.server.command;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A command as one types it: words, in quotes where they hold spaces or {@code \xHH}. */
final class CommandLine {
  private CommandLine() {}

  static byte[][] parse(String line) {
    List<byte[]> words = new ArrayList<>();
    int i = 0;
    while (i < line.length()) {
      if (line.charAt(i) == ' ') {
        i++;
        continue;
      }
      ByteArrayOutputStream word = new ByteArrayOutputStream();
      if (line.charAt(i) != '"') {
        int end = line.indexOf(' ', i) < 0 ? line.length() : line.indexOf(' ', i);
        word.writeBytes(line.substring(i, end).getBytes(StandardCharsets.UTF_8));
        i = end;
      } else {
        i++;
        while (line.charAt(i) != '"') {
          if (line.charAt(i) == '\\' && line.charAt(i + 1) == 'x') {
            word.write(Integer.parseInt(line.substring(i + 2, i + 4), 16));
            i += 4;
          } else {
            i += line.charAt(i) == '\\' ? 1 : 0;
            word.write(line.charAt(i++));
          }
        }
        i++;
      }
      words.add(word.toByteArray());
    }
    return words.toArray(new byte[0][]);
  }
}
