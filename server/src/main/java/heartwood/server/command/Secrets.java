package heartwood.server.command;

/** Which arguments are passwords, and so must not be shown by SLOWLOG, MONITOR or messages. */
public final class Secrets {
  private Secrets() {}

  public static boolean isSecret(CommandSpec command, Arguments args, int argument) {
    return switch (command.name()) {
      case "auth" -> argument > 0;
      case "hello" -> follows("auth", args, argument - 1) || follows("auth", args, argument - 2);
      case "config|set" -> argument % 2 == 1 && args.is(argument - 1, "requirepass");
      default -> command.name().startsWith("acl|") && argument > 1;
    };
  }

  private static boolean follows(String word, Arguments args, int argument) {
    return argument >= 2 && args.is(argument, word);
  }
}
