package heartwood.tools.node;

import heartwood.resp.Reply;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.util.List;

/** A few keys for the demo, some of which have already had other values. Stateless. */
final class SampleData {
  private static final List<String> NAMES = List.of("Ada", "Grace", "Edsger", "Barbara", "Leslie");
  private static final List<String> CITIES = List.of("London", "New York", "Rotterdam");

  private SampleData() {}

  /** Writes the data; returns the number of commands. */
  static int write(RedisClient client) throws IOException {
    int count = 0;
    for (String greeting : List.of("hello", "hello, world")) {
      count += write(client, "SET", "greeting", greeting);
    }
    for (int i = 0; i < NAMES.size(); i++) {
      String key = "user:" + (i + 1);
      String city = CITIES.get(i % CITIES.size());
      count += write(client, "HSET", key, "name", NAMES.get(i), "city", city, "visits", "0");
      count += write(client, "HINCRBY", key, "visits", String.valueOf(3 * i + 1));
    }
    for (int i = 0; i < 20; i++) {
      count += write(client, "INCR", "visits");
    }
    count += write(client, "SET", "session:1", "user:1", "EX", "3600");
    return count;
  }

  private static int write(RedisClient client, String... words) throws IOException {
    if (client.call(words) instanceof Reply.SimpleError error) {
      throw Failure.failed(String.join(" ", words) + ": " + error.message());
    }
    return 1;
  }
}
