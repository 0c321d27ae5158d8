package heartwood.server.command;

import heartwood.resp.Request;

/** ASCII words within requests, compared and hashed in any case without making a string. */
final class Words {
  private Words() {}

  static boolean equal(Request request, int argument, String word) {
    int length = request.length(argument);
    if (length != word.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (lower(request.byteAt(argument, i)) != lower(word.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static int hash(Request request, int argument) {
    int hash = 0;
    for (int i = 0; i < request.length(argument); i++) {
      hash = 31 * hash + lower(request.byteAt(argument, i));
    }
    return spread(hash);
  }

  /** Equals {@link #hash(Request, int)} of the same word. */
  static int hash(String word) {
    int hash = 0;
    for (int i = 0; i < word.length(); i++) {
      hash = 31 * hash + lower(word.charAt(i));
    }
    return spread(hash);
  }

  private static int spread(int hash) {
    return hash ^ (hash >>> 7) ^ (hash >>> 15);
  }

  private static int lower(int letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
  }
}
