package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RegistryTurnsTest {
  private static final String DIGEST = "@sha256:" + "a".repeat(64);
  private static final String ONE = "r.example/one" + DIGEST;
  private static final String TWO = "r.example/two" + DIGEST;
  private static final long MINUTE = RegistryTurns.PAUSE.toNanos();

  private final RegistryTurns turns = new RegistryTurns();

  @Test
  void ofAllRefusedImagesOfARegistryOneIsAskedForAMinute() {
    turns.refused(ONE, "no one", 0);
    turns.refused(TWO, "no two", 1);
    assertThat(turns.take(ONE, MINUTE)).contains("no one");
    assertThat(turns.take(TWO, MINUTE + 1)).isEmpty();
    assertThat(turns.take(ONE, MINUTE + 2)).contains("no one");
    assertThat(turns.take(ONE, 2 * MINUTE + 1)).isEmpty();
  }

  @Test
  void anImageThatWasNeverRefusedWaitsForNobody() {
    turns.refused(ONE, "no", 0);
    assertThat(turns.take(TWO, 1)).isEmpty();
    assertThat(turns.take("other.example/one" + DIGEST, 1)).isEmpty();
  }

  @Test
  void aRefusalThatIsForgottenStandsNoMore() {
    turns.refused(ONE, "no", 0);
    turns.forget(ONE);
    assertThat(turns.take(ONE, 1)).isEmpty();
  }

  @Test
  void namesAreWholeAsTheEngineMeansThem() {
    assertThat(ImageName.whole("nginx" + DIGEST)).isEqualTo("docker.io/library/nginx" + DIGEST);
    assertThat(ImageName.whole("a/b" + DIGEST)).isEqualTo("docker.io/a/b" + DIGEST);
    assertThat(ImageName.whole("localhost/b" + DIGEST)).isEqualTo("localhost/b" + DIGEST);
    assertThat(ImageName.whole("h:5000/b" + DIGEST)).isEqualTo("h:5000/b" + DIGEST);
    assertThat(ImageName.registry("h:5000/b" + DIGEST)).isEqualTo("h:5000");
  }
}
