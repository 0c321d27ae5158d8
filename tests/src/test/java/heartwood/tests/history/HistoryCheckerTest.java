package heartwood.tests.history;

import static heartwood.tests.history.Kind.APPEND;
import static heartwood.tests.history.Kind.COUNT;
import static heartwood.tests.history.Kind.DEL;
import static heartwood.tests.history.Kind.GET;
import static heartwood.tests.history.Kind.INCR;
import static heartwood.tests.history.Kind.PAST;
import static heartwood.tests.history.Kind.READ;
import static heartwood.tests.history.Kind.SET;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Histories that one knows the verdict of. */
class HistoryCheckerTest {
  @Test
  void aReadThatOverlapsAWriteMayTellEitherValue() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", null)
            .ok(1, 2, 9, SET, "b", null)
            .ok(2, 3, 4, GET, null, "a")
            .ok(3, 3, 5, GET, null, "b");

    assertThat(history.judge().isLinearizable()).isTrue();
  }

  @Test
  void aStaleReadIsFound() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", null)
            .ok(1, 2, 3, SET, "b", null)
            .ok(2, 4, 5, GET, null, "a");

    Judgement judgement = history.judge();

    assertThat(judgement.isLinearizable()).isFalse();
    assertThat(judgement.text())
        .contains("broken: k: a read told a, which was not the value then")
        .contains("before this it was b")
        .contains("client 2   GET: a")
        .doesNotContain("SET a"); // The window begins behind it.
  }

  @Test
  void aValueThatNobodyReadMayBeWrittenBehindARemoval() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", null)
            .ok(2, 2, 4, DEL, null, "1")
            .ok(1, 3, 5, SET, "b", null)
            .ok(2, 6, 7, DEL, null, "1");

    assertThat(history.judge().isLinearizable()).isTrue();
  }

  @Test
  void twoReadsDoNotTellTheNewValueAndThenTheOldOne() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", null)
            .ok(1, 2, 9, SET, "b", null)
            .ok(2, 3, 4, GET, null, "b")
            .ok(3, 5, 6, GET, null, "a");

    assertThat(history.judge().isLinearizable()).isFalse();
  }

  @Test
  void aLostUpdateIsFound() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, INCR, null, "1")
            .ok(1, 2, 3, INCR, null, "2")
            .ok(2, 4, 5, COUNT, null, "1");

    assertThat(history.judge().isLinearizable()).isFalse();
  }

  @Test
  void anIncrementThatCountedTwiceIsFound() {
    Histories history = new Histories().ok(1, 0, 1, INCR, null, "1").ok(2, 2, 3, COUNT, null, "2");

    assertThat(history.judge().isLinearizable()).isFalse();
  }

  @Test
  void anUnknownIncrementMayCountLateOnceOrNever() {
    Histories history =
        new Histories()
            .unknown(1, 0, 1, INCR, null)
            .ok(2, 2, 3, COUNT, null, null)
            .ok(2, 4, 5, INCR, null, "2")
            .ok(2, 6, 7, COUNT, null, "2");

    assertThat(history.judge().isLinearizable()).isTrue();
    assertThat(history.ok(2, 8, 9, COUNT, null, "3").judge().isLinearizable()).isFalse();
  }

  @Test
  void aWriteThatWasNotExecutedMustNotBeSeen() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", null)
            .notExecuted(1, 2, 3, SET, "b")
            .ok(2, 4, 5, GET, null, "b");

    assertThat(history.judge().text()).contains("a read told b, which was said to be not executed");
  }

  @Test
  void aValueFromNowhereIsFound() {
    Histories history = new Histories().ok(1, 0, 1, SET, "a", null).ok(2, 2, 3, GET, null, "z");

    assertThat(history.judge().text()).contains("a read told z, which nobody wrote");
  }

  @Test
  void aValueIsNotReadBeforeItIsWritten() {
    Histories history = new Histories().ok(2, 0, 1, GET, null, "a").unknown(1, 2, 3, SET, "a");

    assertThat(history.judge().text()).contains("which was written later");
  }

  @Test
  void anUnknownWriteMayAppearLongAfterItWasGivenUpButNotAgain() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", null)
            .unknown(1, 2, 3, SET, "b")
            .ok(2, 10, 11, GET, null, "a")
            .ok(2, 20, 21, GET, null, "b");

    assertThat(history.judge().isLinearizable()).isTrue();
    history.ok(2, 30, 31, SET, "c", null).ok(2, 40, 41, GET, null, "b");
    assertThat(history.judge().isLinearizable()).isFalse();
  }

  @Test
  void anUnknownDeletionExplainsOneAbsence() {
    Histories history =
        new Histories()
            .ok(1, 0, 1, SET, "a", "1")
            .unknown(1, 2, 3, DEL, null)
            .ok(2, 4, 5, SET, "b", "0")
            .ok(2, 6, 7, SET, "c", "1");

    assertThat(history.judge().isLinearizable()).isTrue();
    assertThat(history.ok(2, 8, 9, SET, "d", "1").judge().isLinearizable()).isFalse();
  }

  @Test
  void anUnknownWriteThatNobodyReadExplainsAPresence() {
    Histories history = new Histories().unknown(1, 0, 1, SET, "a").ok(2, 2, 3, DEL, null, "1");

    assertThat(history.judge().isLinearizable()).isTrue();
    assertThat(history.ok(2, 4, 5, DEL, null, "1").judge().isLinearizable()).isFalse();
  }

  @Test
  void whatIsAppendedStaysInItsOrder() {
    Histories history =
        new Histories()
            .ok(1, 0, 5, APPEND, "a;", "2")
            .ok(2, 0, 5, APPEND, "b;", "4")
            .unknown(3, 0, 5, APPEND, "c;")
            .ok(1, 6, 7, READ, null, "a;b;")
            .ok(1, 8, 9, READ, null, "a;b;c;");

    assertThat(history.judge().isLinearizable()).isTrue();
    assertThat(history.ok(1, 10, 11, READ, null, "b;a;c;").judge().isLinearizable()).isFalse();
  }

  @Test
  void aPieceThatNobodySawIsStillInTheLength() {
    Histories history =
        new Histories().unknown(1, 0, 1, APPEND, "a;").ok(2, 2, 3, APPEND, "b;", "4");

    assertThat(history.judge().isLinearizable()).isTrue();
    assertThat(history.ok(2, 4, 5, READ, null, "b;").judge().isLinearizable()).isFalse();
  }

  @Test
  void onePipelineKeepsItsOrder() {
    Histories inOrder = new Histories().ok(1, 0, 5, INCR, null, "1").ok(1, 0, 5, INCR, null, "2");
    Histories turned = new Histories().ok(1, 0, 5, INCR, null, "2").ok(1, 0, 5, INCR, null, "1");

    assertThat(inOrder.judge().isLinearizable()).isTrue();
    assertThat(turned.judge().isLinearizable()).isFalse();
  }

  @Test
  void thePastDoesNotChange() {
    Histories history = new Histories().ok(1, 0, 1, PAST, "@7", "a").ok(1, 2, 3, PAST, "@8", "b");

    assertThat(history.ok(2, 4, 5, PAST, "@7", "a").judge().isLinearizable()).isTrue();
    assertThat(history.ok(2, 6, 7, PAST, "@7", null).judge().text())
        .contains("two reads of the key at @7 were told different values");
  }

  @Test
  void aSearchThatIsGivenUpIsNoVerdict() {
    Histories history = new Histories();
    for (int i = 0; i < 9; i++) {
      history.ok(i, 0, 10 + i, SET, "v" + i, null);
    }
    history.ok(20, 30, 31, GET, null, "nobody's");

    Judgement judgement = new HistoryChecker(100).judge(history.operations());

    assertThat(judgement.isLinearizable()).isFalse();
    assertThat(judgement.text()).contains("undecided: k: more than 100 configurations");
  }
}
