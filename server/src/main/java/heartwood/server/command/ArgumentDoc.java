package heartwood.server.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One argument as COMMAND DOCS describes it. Immutable.
 *
 * @param keySpecIndex which key spec finds it, if it is a key; else -1
 * @param token the word that stands before it, or is it
 * @param parts of a block, or the choices of a one-of
 */
record ArgumentDoc(
    String name,
    Type type,
    int keySpecIndex,
    @Nullable String token,
    boolean optional,
    boolean multiple,
    boolean multipleToken,
    List<ArgumentDoc> parts) {

  enum Type {
    STRING("string"),
    INTEGER("integer"),
    DOUBLE("double"),
    KEY("key"),
    PATTERN("pattern"),
    UNIX_TIME("unix-time"),
    PURE_TOKEN("pure-token"),
    ONE_OF("oneof"),
    BLOCK("block");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    static Type of(String word) {
      for (Type type : values()) {
        if (type.word.equals(word)) {
          return type;
        }
      }
      throw new IllegalArgumentException("argument type: " + word);
    }
  }

  ArgumentDoc with(boolean optional, boolean multiple, boolean multipleToken) {
    return new ArgumentDoc(
        name, type, keySpecIndex, token, optional, multiple, multipleToken, parts);
  }
}
