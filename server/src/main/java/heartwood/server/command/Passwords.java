package heartwood.server.command;

import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The password of the user {@code default}: the directive {@code requirepass}. Thread-safe. */
final class Passwords {
  private final LiveConfig config;

  Passwords(LiveConfig config) {
    this.config = config;
  }

  /** Whether the user default needs a password. */
  boolean areRequired() {
    return !required().isEmpty();
  }

  /** Whether there is a user of that name. */
  boolean knowsUser(String user) {
    return user.equals(ClientState.DEFAULT_USER);
  }

  /** Whether user and password fit. Takes as long for a wrong password as for the right one. */
  boolean match(String user, byte[] password) {
    boolean isPassword = MessageDigest.isEqual(sha256(password), sha256(bytes(required())));
    return knowsUser(user) && (isPassword || !areRequired());
  }

  /** As an ACL rule shows it. */
  String hash() {
    return HexFormat.of().formatHex(sha256(bytes(required())));
  }

  private String required() {
    return config.get(Directives.REQUIREPASS);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
