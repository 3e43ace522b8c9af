package dev.skep.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("lab")
final class LabLifetimeTest {

  @Test
  void closedLabLeavesNothingBehind() {
    int index;
    try (var lab = Lab.start(LabOptions.workers(1))) {
      index = lab.index();
      var host = lab.host("w1");
      var docker = "docker -H unix:///run/docker.sock ";
      var image = lab.registry().push(TestImages.sleeper());
      host.exec("sh", "-c", docker + "run -d --name paused --memory 20m " + image).orThrow();
      host.exec("sh", "-c", docker + "run -d --name stopped-engine " + image).orThrow();
      host.exec("sh", "-c", docker + "pause paused").orThrow();
      var output = host.directory().resolve("agent.log");
      host.spawn(ProcessSpec.of(output, "sleep", "1000"));
      host.pauseEngine();
      assertThat(Leftovers.of(index)).as("the search finds a lab that is up").hasSizeGreaterThan(8);
    }
    assertThat(Leftovers.of(index)).isEmpty();
  }

  @Test
  void twoLabsRunSideBySide() {
    try (var one = Lab.start(LabOptions.workers(1))) {
      int second;
      try (var other = Lab.start(LabOptions.workers(1))) {
        second = other.index();
        assertThat(second).isNotEqualTo(one.index());
        assertThat(runContainer(one)).endsWith("here");
        assertThat(runContainer(other)).endsWith("here");
      }
      assertThat(Leftovers.of(second)).isEmpty();
      assertThat(runContainer(one)).endsWith("here");
    }
  }

  @Test
  void hostThatLosesPowerComesBackWithItsDisk() {
    try (var lab = Lab.start(LabOptions.workers(1))) {
      var host = lab.host("w1");
      var image = lab.registry().push(TestImages.sleeper());
      var docker = "docker -H unix:///run/docker.sock ";
      host.exec("sh", "-c", docker + "run -d --restart always --name it " + image).orThrow();
      host.powerOff();
      assertThat(Shell.must("ip netns pids skl%d-w1".formatted(lab.index()))).isEmpty();
      host.powerOn();
      Await.seconds(20)
          .until(
              "the container runs again",
              () -> host.exec("sh", "-c", docker + "inspect -f {{.State.Running}} it").orThrow(),
              "true"::equals);
    }
  }

  @Test
  void labOfAKilledProcessIsRemovedByTheNextStart(@TempDir Path directory) throws Exception {
    var child = startLabInAnotherProcess(directory.resolve("out"));
    var orphan = awaitIndex(directory.resolve("out"));
    child.destroyForcibly().waitFor();
    assertThat(Leftovers.of(orphan)).hasSizeGreaterThan(8);
    try (var _ = Lab.start(LabOptions.workers(1))) {
      // The new lab may have taken the number; two hosts tell them apart.
      assertThat(Leftovers.of(orphan)).noneMatch(name -> name.contains("w2"));
    }
    assertThat(Leftovers.of(orphan)).isEmpty();
  }

  @Test
  void interruptedProcessRemovesItsLab(@TempDir Path directory) throws Exception {
    var child = startLabInAnotherProcess(directory.resolve("out"));
    var index = awaitIndex(directory.resolve("out"));
    child.destroy();
    child.waitFor();
    assertThat(Leftovers.of(index)).isEmpty();
  }

  private static String runContainer(Lab lab) {
    var image = lab.registry().push(TestImages.busybox());
    var command = "docker -H unix:///run/docker.sock run --rm " + image + " echo here";
    return lab.host("w1").exec("sh", "-c", command).orThrow();
  }

  private static int awaitIndex(Path output) {
    return Await.seconds(30)
        .until(
            "the other process has a lab",
            () -> Integer.parseInt(Files.readString(output).strip()),
            _ -> true);
  }

  private static Process startLabInAnotherProcess(Path output) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            LabHolder.class.getName())
        .redirectOutput(output.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The main class of the other process: a lab of two hosts, until it is ended. */
  static final class LabHolder {

    private LabHolder() {}

    public static void main(String[] arguments) throws InterruptedException {
      var lab = Lab.start(LabOptions.workers(2));
      System.out.println(lab.index());
      Thread.currentThread().join();
    }
  }
}
