package heartwood.tests.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Frame;
import heartwood.raft.message.NodeId;
import heartwood.tests.process.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes 1 and 3 call node 2 through the proxy; node 2 is the test itself. */
class FaultProxyTest {
  private static final Duration BOUND = Duration.ofSeconds(10);

  private final FaultProxy proxy = new FaultProxy(1);
  private ServerSocket nodeTwo;
  private int port;

  @BeforeEach
  void listen() throws IOException {
    nodeTwo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    nodeTwo.setSoTimeout((int) BOUND.toMillis());
    port = proxy.listen(2, 0, nodeTwo.getLocalPort());
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    nodeTwo.close();
  }

  /** Both ends of a connection, after the hello. */
  private record Ends(Socket caller, Socket called) implements AutoCloseable {
    void say(int letter) throws IOException {
      caller.getOutputStream().write(letter);
    }

    int hear() throws IOException {
      return called.getInputStream().read();
    }

    void answer(int letter) throws IOException {
      called.getOutputStream().write(letter);
    }

    int hearAnswer() throws IOException {
      return caller.getInputStream().read();
    }

    boolean isBroken() {
      try {
        return caller.getInputStream().read() < 0;
      } catch (IOException e) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      caller.close();
      called.close();
    }
  }

  private static byte[] hello(int from) {
    ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER_BYTES + 15);
    Frame.seal(frame, (byte) 1, 7, new NodeId(from));
    return frame.array();
  }

  private Socket call(int from) throws IOException {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), port);
    caller.setSoTimeout((int) BOUND.toMillis());
    caller.getOutputStream().write(hello(from));
    return caller;
  }

  private Ends connect(int from) throws IOException {
    Socket caller = call(from);
    Socket called = nodeTwo.accept();
    called.setSoTimeout((int) BOUND.toMillis());
    assertThat(called.getInputStream().readNBytes(hello(from).length)).isEqualTo(hello(from));
    return new Ends(caller, called);
  }

  @Test
  void bytesPassBothWaysAndTheCallerIsKnown() throws IOException {
    try (Ends ends = connect(1)) {
      ends.say('a');
      assertThat(ends.hear()).isEqualTo('a');
      ends.answer('b');
      assertThat(ends.hearAnswer()).isEqualTo('b');
      assertThat(proxy.connectionCount(1, 2)).isEqualTo(1);
      assertThat(proxy.connectionCount(3, 2)).isZero();
    }
  }

  @Test
  void aHelloInPiecesIsUnderstood() throws IOException {
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
      for (byte each : hello(1)) {
        caller.getOutputStream().write(each);
        caller.getOutputStream().flush();
      }
      try (Socket called = nodeTwo.accept()) {
        assertThat(called.getInputStream().readNBytes(hello(1).length)).isEqualTo(hello(1));
      }
    }
  }

  @Test
  void anEndIsPassedOn() throws IOException {
    try (Ends first = connect(1);
        Ends second = connect(1)) {
      first.caller.close();
      assertThat(first.hear()).isEqualTo(-1);
      second.called.close();
      assertThat(second.hearAnswer()).isEqualTo(-1);
      Await.until("both are forgotten", BOUND, () -> proxy.connectionCount(1, 2) == 0);
    }
  }

  @Test
  void aCutBreaksThePairsConnectionsOnlyUntilItIsHealed() throws IOException {
    try (Ends one = connect(1);
        Ends three = connect(3)) {
      proxy.set(1, 2, Link.CUT);

      assertThat(one.isBroken()).isTrue();
      try (Socket refused = call(1)) {
        assertThat(new Ends(refused, refused).isBroken()).isTrue();
      }
      three.say('a');
      assertThat(three.hear()).isEqualTo('a');

      proxy.heal();
      try (Ends again = connect(1)) {
        again.say('b');
        assertThat(again.hear()).isEqualTo('b');
      }
    }
  }

  @Test
  void aCutOfTheOtherWayLetsWordsPassAndHoldsAnswers() throws IOException {
    try (Ends ends = connect(1)) {
      proxy.set(2, 1, Link.CUT);

      ends.answer('b');
      Await.until("the answer is held", BOUND, () -> proxy.heldBytes(2, 1) == 1);
      ends.say('a');
      assertThat(ends.hear()).isEqualTo('a');
      assertThat(ends.caller.getInputStream().available()).isZero();

      proxy.heal();
      assertThat(ends.hearAnswer()).isEqualTo('b');
    }
  }

  @Test
  void aClogHoldsBytesWithoutClosing() throws IOException {
    try (Ends one = connect(1);
        Ends three = connect(3)) {
      proxy.set(1, 2, Link.CLOGGED);

      one.say('a');
      one.say('b');
      Await.until("both are held", BOUND, () -> proxy.heldBytes(1, 2) == 2);
      three.say('c');
      assertThat(three.hear()).isEqualTo('c');
      assertThat(one.called.getInputStream().available()).isZero();

      proxy.heal();
      assertThat(one.hear()).isEqualTo('a');
      assertThat(one.hear()).isEqualTo('b');
    }
  }

  @Test
  void aClogHidesThatTheCallerIsGone() throws IOException {
    try (Ends ends = connect(1)) {
      proxy.set(1, 2, Link.CLOGGED);
      ends.say('a');
      ends.caller.close();
      Await.until("it is held", BOUND, () -> proxy.heldBytes(1, 2) == 1);
      assertThat(ends.called.getInputStream().available()).isZero();

      proxy.heal();
      assertThat(ends.hear()).isEqualTo('a');
      assertThat(ends.hear()).isEqualTo(-1);
    }
  }

  @Test
  void aSlowLinkIsSlowAndKeepsTheOrder() throws IOException {
    try (Ends ends = connect(1)) {
      proxy.set(1, 2, Link.slow(40, 60));

      long sentNanos = System.nanoTime();
      for (char letter = 'a'; letter <= 'j'; letter++) {
        ends.say(letter);
      }
      for (char letter = 'a'; letter <= 'j'; letter++) {
        assertThat(ends.hear()).isEqualTo(letter);
      }
      long passedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentNanos);
      assertThat(passedMillis).isGreaterThanOrEqualTo(40);
    }
  }
}
