package heartwood.resp.netty;

import static heartwood.resp.netty.Decoded.latin1;

import heartwood.resp.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Streams that tests share: well-formed, strange and wrong ones. */
final class Corpus {
  private Corpus() {}

  /** What the protocol allows, one way or the other. */
  static final List<String> VALID =
      List.of(
          "*1\r\n$4\r\nPING\r\n",
          "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
          "*2\r\n$4\r\necho\r\n$0\r\n\r\n*1\r\n$4\r\npInG\r\n",
          "*2\r\n$4\r\nECHO\r\n$10\r\n0123456789\r\n",
          "*2\r\n$4\r\nECHO\r\n$8\r\n\r\n$1\r\n\0\u00ff\r\n",
          "*2\r\n$4\r\nECHO\r\n$123\r\n" + "x".repeat(123) + "\r\n",
          "*2\r\n$4\r\nECHO\r\n$12345\r\n" + "x".repeat(12345) + "\r\n",
          "*2\r\n$4\r\nECHO\r\n$123456\r\n" + "x".repeat(123456) + "\r\n",
          "*300\r\n" + "$1\r\na\r\n".repeat(300) + "PING\r\n",
          "*0\r\n*-1\r\n*-12\r\n\r\n\nPING\r\n   \r\n*1\r\n$4\r\nPING\r\n",
          "*1\rX$4\rYPINGab*1\r\n$4\r\nPING\r\n",
          "PING\r\nPING\nping hello\r\n  PING  \t x \r\n",
          "ECHO \"a b\\n\\r\\t\\b\\a\\q\\\\\\\"\"\r\n",
          "ECHO \"\\x41\\xfF\\x00\\x4g\\x\"\r\n",
          "ECHO 'a b\\'c\\n'\r\n",
          "ECHO a\"b c\"\r\n",
          "ECHO a'b c'\r\n",
          "ECHO \"\"\r\n",
          "ECHO ''\r\n",
          "ECHO \\x41\r\n",
          "ECHO a\u000bb\r\n",
          "ECHO \"a\"\u000b\r\n",
          "ECHO 'a'\f\r\n",
          "ECHO 'a'\r \f \t\r\n",
          "\rECHO \r\t a\r\n",
          "\u000bPING\f\r\n",
          "PING a\rb\r\n",
          "PING\r\r\n",
          "ECHO " + "x".repeat(65_530) + "\r\n");

  /** What Redis answers with a protocol error, and nothing before it that has an answer. */
  static final List<String> WRONG =
      List.of(
          "*abc\r\n",
          "*\r\n",
          "*+1\r\n",
          "*-0\r\n",
          "*01\r\n",
          "*00\r\n",
          "*01\r\n$4\r\nPING\r\n",
          "*-\r\n",
          "*1 \r\n",
          "*1a\r\n",
          "*2147483648\r\n",
          "*9223372036854775808\r\n",
          "*-9223372036854775809\r\n",
          "*99999999999999999999999999\r\n",
          "*1\r\n$abc\r\n",
          "*1\r\n$\r\n",
          "*1\r\n$-1\r\n",
          "*1\r\n$04\r\n",
          "*1\r\n$04\r\nPING\r\n",
          "*1\r\n$0000000004\r\nPING\r\n",
          "*1\r\n:4\r\nPING\r\n",
          "*1\r\n$4a\r\nPING\r\n",
          "*1\r\n$536870913\r\n",
          "*1\r\n$9223372036854775808\r\n",
          "*1\r\n:4\r\n",
          "*1\r\n\r\nPING\r\n",
          "*1\r\nPING\r\n",
          "*2\r\n$4\r\nPING\r\n+OK\r\n",
          "*1\r\n*1\r\n",
          "*" + "1".repeat(65_536),
          "*1\r\n$" + "1".repeat(65_536),
          "*1\r\n" + "x".repeat(65_537),
          "x".repeat(65_537),
          "PING \"\r\n",
          "PING \"a\r\n",
          "PING \"a\\\"\r\n",
          "PING \"a\"b\r\n",
          "PING 'a\r\n",
          "PING 'a'b\r\n",
          "PING 'a\\'\r\n",
          "PING a\"b\"c\r\n",
          "\"\r\n");

  static Stream<Bytes> streams() {
    return Stream.concat(VALID.stream(), WRONG.stream()).map(text -> Bytes.wrap(latin1(text)));
  }

  /** Requests of any bytes, from a fixed seed. */
  static Stream<List<Bytes>> requests() {
    SplittableRandom random = new SplittableRandom(7);
    return Stream.generate(() -> randomRequest(random)).limit(200);
  }

  static List<Bytes> randomRequest(SplittableRandom random) {
    int count = random.nextInt(10) == 0 ? random.nextInt(1, 400) : random.nextInt(1, 6);
    List<Bytes> arguments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] argument = new byte[randomLength(random)];
      random.nextBytes(argument);
      arguments.add(Bytes.wrap(argument));
    }
    return arguments;
  }

  /** Mostly short; sometimes long enough for each width of a header. */
  static int randomLength(SplittableRandom random) {
    return random.nextInt(50) == 0 ? random.nextInt(120_000) : random.nextInt(20);
  }
}
