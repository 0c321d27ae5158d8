package heartwood.tests.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestTest {
  private static final Request SET = new Request("k", Kind.SET, "a", List.of("SET", "k", "a"));

  private static Outcome outcome(Reply reply) {
    return SET.told(1, reply, 0, 1).outcome();
  }

  @Test
  void anErrorSaysWhetherTheCommandWasExecuted() { // DESIGN, "Certainty"
    assertThat(outcome(new Reply.SimpleString("OK"))).isEqualTo(Outcome.OK);
    assertThat(outcome(new Reply.SimpleError("MOVED 1 h:1"))).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(outcome(new Reply.SimpleError("CLUSTERDOWN no"))).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(outcome(new Reply.SimpleError("UNCERTAIN lost"))).isEqualTo(Outcome.UNKNOWN);
    assertThat(SET.unanswered(1, 0, 1).outcome()).isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void longValuesAreShortInAHistoryAndTheSameWhereTheyAreTheSame() {
    String value = "c1-7" + LongText.filler(8000);
    Request set = new Request("h/f", Kind.SET, value, List.of("HSET", "h", "f", value));
    Request get = new Request("h/f", Kind.GET, null, List.of("HGET", "h", "f"));

    Operation written = set.told(1, new Reply.IntegerReply(1), 0, 1);
    Operation read = get.told(1, Reply.BulkString.utf8(value), 2, 3);

    assertThat(written.argument()).isEqualTo("c1-7~8000").isEqualTo(read.result());
    assertThat(written.result()).isEqualTo("1");
  }

  @Test
  void aReadOfThePastKnowsItsRevision() {
    Request present =
        new Request("k", Kind.PAST, null, List.of("AT", "now", "WITHREV", "GET", "k"));
    Reply told =
        new Reply.Array(
            List.of(new Reply.IntegerReply(7), new Reply.IntegerReply(1000), Reply.Null.BULK));

    Operation read = present.told(1, told, 0, 1);

    assertThat(read.argument()).isEqualTo("@7");
    assertThat(read.result()).isNull();
  }
}
