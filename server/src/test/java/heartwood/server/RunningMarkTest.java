package heartwood.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningMarkTest {
  @TempDir private Path directory;

  @Test
  void aProcessThatDiedIsToldOfToTheNext() {
    assertThat(RunningMark.set(directory).wasThere()).isFalse();
    RunningMark second = RunningMark.set(directory); // The first has removed nothing.
    assertThat(second.wasThere()).isTrue();

    second.remove();
    assertThat(RunningMark.set(directory).wasThere()).isFalse();
  }
}
