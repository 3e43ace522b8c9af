package dev.skep.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("lab")
final class LabCommandTest {

  private final StringWriter printed = new StringWriter();

  @Test
  void labStaysUntilItIsTakenDown() {
    assertThat(lab("up", "--another", "--workers", "1")).isZero();
    var heading = Pattern.compile("Lab (\\d+) ").matcher(printed.toString());
    assertThat(heading.find()).isTrue();
    var index = Integer.parseInt(heading.group(1));
    try {
      assertThat(printed.toString())
          .contains("DOCKER_HOST=unix:///var/lib/skep-lab/%d/w1/docker.sock".formatted(index))
          .contains("10.77.%d.200:5000".formatted(index));
      Slots.reapStale();
      assertThat(Leftovers.of(index)).as("nobody owns it, but it is not stale").isNotEmpty();
      assertThat(lab("up")).as("a second 'up' shows what is up").isZero();
      assertThat(lab("status")).isZero();
    } finally {
      assertThat(lab("down", Integer.toString(index))).isZero();
    }
    assertThat(Leftovers.of(index)).isEmpty();
  }

  @Test
  void wrongNumberOfWorkersIsExplained() {
    assertThat(lab("up", "--another", "--workers", "0")).isEqualTo(1);
    assertThat(printed.toString()).contains("workers: 0, expected 1 to 199");
  }

  private int lab(String... arguments) {
    var writer = new PrintWriter(printed, true);
    return LabCommand.commandLine().setOut(writer).setErr(writer).execute(arguments);
  }
}
