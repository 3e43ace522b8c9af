package dev.skep.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.Facts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineUsageTest {
  private static final Offset<Float> CLOSE = Offset.offset(0.01f);

  @TempDir private Path proc = Path.of("");

  @Test
  void cpuIsTheShareOfTheTimeSinceTheLastReading() throws IOException {
    write("stat", "cpu  100 0 100 800 0 0 0 0 50 0\ncpu0 1 1 1 1\n");
    var usage = new MachineUsage(proc, proc);
    write("stat", "cpu  160 0 120 815 5 0 0 0 90 0\ncpu0 1 1 1 1\n");

    assertThat(usage.read().getCpuPercent()).isCloseTo(80f, CLOSE);
    write("stat", "cpu  160 0 120 915 5 0 0 0 90 0\n");
    assertThat(usage.read().getCpuPercent()).isZero();
    assertThat(usage.read().hasCpuPercent()).as("no time has passed").isFalse();
  }

  @Test
  void memoryIsWhatProgramsCannotGet() throws IOException {
    write("meminfo", "MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  250 kB\n");

    assertThat(new MachineUsage(proc, proc).read().getMemoryPercent()).isCloseTo(75f, CLOSE);
  }

  @Test
  void whatCannotBeReadIsUnset() {
    var usage = new MachineUsage(proc, proc.resolve("missing")).read();

    assertThat(usage.hasCpuPercent() || usage.hasMemoryPercent() || usage.hasDiskPercent())
        .isFalse();
  }

  @Test
  void thisMachineCanBeMeasured() {
    var usage = new MachineUsage().read();

    assertThat(usage.getMemoryPercent()).isBetween(0.1f, 100f);
    assertThat(usage.getDiskPercent()).isBetween(0f, 100f);
  }

  @Test
  void aLittleFreeDiskMoreOrLessIsNoNews() {
    var facts = Facts.newBuilder().setDiskBytes(1000).setDiskFreeBytes(500).build();

    assertThat(MachineFacts.differ(facts, facts)).isFalse();
    assertThat(MachineFacts.differ(facts, facts.toBuilder().setDiskFreeBytes(490).build()))
        .isFalse();
    assertThat(MachineFacts.differ(facts, facts.toBuilder().setDiskFreeBytes(489).build()))
        .isTrue();
    assertThat(MachineFacts.differ(facts, facts.toBuilder().setKernel("6.1").build())).isTrue();
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(proc.resolve(file), text);
  }
}
