package heartwood.tools.client;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RedirectTest {
  @Test
  void movedAndAskNameSlotAndPlace() {
    assertThat(of("MOVED 3999 127.0.0.1:6381"))
        .isEqualTo(new Redirect(false, 3999, "127.0.0.1", 6381));
    assertThat(of("ASK 3999 ::1:6381")).isEqualTo(new Redirect(true, 3999, "::1", 6381));
  }

  @Test
  void aPlaceWithoutHostIsTheHostThatWasAsked() {
    assertThat(of("MOVED 1 :6381")).isEqualTo(new Redirect(false, 1, "asked", 6381));
  }

  @Test
  void otherRepliesLeadNowhere() {
    assertThat(of("ERR MOVED 1 a:1")).isNull();
    assertThat(Redirect.of(new Reply.SimpleString("MOVED 1 a:1"), "asked")).isNull();
  }

  private static @Nullable Redirect of(String message) {
    return Redirect.of(new Reply.SimpleError(message), "asked");
  }
}
