package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MomentTest {
  @Test
  void thePresentIsAWordInAnyCase() {
    for (String word : List.of("now", "NOW", "Now")) {
      assertThat(Moment.parse(word)).isEqualTo(new Moment.Now());
    }
  }

  @Test
  void aTimeAgoHasUnitsTheLargerOnesFirst() {
    assertAgo("-250ms", 250);
    assertAgo("-0s", 0);
    assertAgo("-5s", 5000);
    assertAgo("-5m", 300_000);
    assertAgo("-1h", 3_600_000);
    assertAgo("-2d", 2 * 86_400_000L);
    assertAgo("-1w", 7 * 86_400_000L);
    assertAgo("-1h30m", 5_400_000);
    assertAgo("-1w2d3h4m5s6ms", 788_645_006);
  }

  @Test
  void aTimeIsInSecondsInMillisecondsOrADate() {
    assertTime("1700000000s", 1_700_000_000_000L);
    assertTime("0s", 0);
    assertTime("100000000000", 100_000_000_000L);
    assertTime("1700000000123", 1_700_000_000_123L);
    assertTime("2023-11-14T22:13:20Z", 1_700_000_000_000L);
    assertTime("2023-11-14T22:13:20.123Z", 1_700_000_000_123L);
    assertTime("2023-11-14t22:13:20.123z", 1_700_000_000_123L);
  }

  @Test
  void aDateSaysWhichHourItMeansWhateverSummerTimeIs() {
    assertTime("2023-10-29T02:30:00+02:00", 1_698_539_400_000L);
    assertTime("2023-10-29T02:30:00+01:00", 1_698_543_000_000L);
    assertInvalid(
        "2023-10-29T02:30:00", ": a date is written 2026-11-21T03:15:55Z, with Z or an offset");
    assertInvalid(
        "2023-02-30T00:00:00Z", ": a date is written 2026-11-21T03:15:55Z, with Z or an offset");
  }

  @Test
  void aRevisionAndAPin() {
    assertThat(Moment.parse("@0")).isEqualTo(new Moment.Revision(0));
    assertThat(Moment.parse("@48213")).isEqualTo(new Moment.Revision(48_213));
    assertThat(Moment.parse("@48213.iffffffff"))
        .isEqualTo(new Moment.Revision(48_213, 0xffffffffL));
    assertThat(Moment.parse("#before-deploy")).isEqualTo(new Moment.Pin("before-deploy"));
  }

  @Test
  void aBareNumberThatLooksLikeSecondsOrARevisionIsAskedBack() {
    assertInvalid("1700000000", ": for seconds write 1700000000s, for a revision @1700000000");
    assertInvalid("99999999999", ": for seconds write 99999999999s, for a revision @99999999999");
  }

  @Test
  void whatIsNoMomentIsNamed() {
    for (String text :
        List.of(
            "",
            "@",
            "@x",
            "@-1",
            "@1.5",
            "#",
            "-",
            "-m",
            "s",
            "soon",
            "1.5s",
            "12x",
            "@99999999999999999999",
            "9223372036854775807s",
            "99999999999999999999")) {
      assertInvalid(text, "");
    }
    for (String text : List.of("-5", "-5x", "-5m1h", "-5m5m", "-1 h", "--5m")) {
      assertInvalid(text, ": a time ago is written -1h30m, with the units w d h m s ms");
    }
    assertInvalid("-9223372036854775807w", "");
    assertInvalid(
        "-9223372036854775807ms9223372036854775807ms",
        ": a time ago is written -1h30m, with the units w d h m s ms");
  }

  private static void assertAgo(String text, long millis) {
    assertThat(Moment.parse(text)).isEqualTo(new Moment.Ago(millis));
  }

  private static void assertTime(String text, long millis) {
    assertThat(Moment.parse(text)).isEqualTo(new Moment.Time(millis));
  }

  private static void assertInvalid(String text, String hint) {
    assertThatThrownBy(() -> Moment.parse(text))
        .as(text)
        .isInstanceOf(CommandException.class)
        .hasMessage("ERR invalid time '" + text + "'" + hint);
  }
}
