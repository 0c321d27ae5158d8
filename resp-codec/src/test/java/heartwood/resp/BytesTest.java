package heartwood.resp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void equalBytesAreEqual() {
    assertThat(Bytes.copyOf(new byte[] {'a', 0}))
        .isEqualTo(Bytes.utf8("a\0"))
        .hasSameHashCodeAs(Bytes.utf8("a\0"))
        .isNotEqualTo(Bytes.utf8("a"));
  }

  @Test
  void aCopyDoesNotSeeLaterChanges() {
    byte[] content = {'a'};
    Bytes bytes = Bytes.copyOf(content);

    content[0] = 'b';
    bytes.toArray()[0] = 'c';

    assertThat(bytes.utf8()).isEqualTo("a");
  }

  @Test
  void showsWhatIsNotPrintableAsEscapes() {
    assertThat(Bytes.utf8("a\"\\\r\n\t\b\u0007\0\u007f é"))
        .hasToString("\"a\\\"\\\\\\r\\n\\t\\b\\a\\x00\\x7f \\xc3\\xa9\"");
  }
}
