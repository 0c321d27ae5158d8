package heartwood.tools.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  @Test
  void whatJsonReservesIsEscaped() {
    assertThat(JsonText.of("a\"b\\c\n\r\t\b\f\u0001é"))
        .isEqualTo("\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001é\"");
  }

  @Test
  void valuesNest() {
    TreeMap<String, Object> map = new TreeMap<>();
    map.put("list", Arrays.asList(1, 2.5, true, null));
    map.put("none", List.of());

    assertThat(JsonText.of(map)).isEqualTo("{\"list\":[1,2.5,true,null],\"none\":[]}");
  }
}
