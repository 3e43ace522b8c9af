package dev.skep.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerStatsReaderTest {
  private static final StatsTarget TARGET = new StatsTarget("c", "p", 42);

  @TempDir Path root;

  @Test
  void readsTheUnifiedHierarchy() throws Exception {
    process("0::/system.slice/docker-c.scope\n");
    file("cgroup/system.slice/docker-c.scope/cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
    file("cgroup/system.slice/docker-c.scope/memory.current", "9000\n");
    file("cgroup/system.slice/docker-c.scope/memory.stat", "anon 1\ninactive_file 4000\n");
    var stats = reader().read(TARGET).orElseThrow();
    assertThat(stats.getCpuNanos()).isEqualTo(1_500_000);
    assertThat(stats.getMemoryBytes()).isEqualTo(5_000);
    assertThat(stats.getNetworkRxBytes()).isEqualTo(110);
    assertThat(stats.getNetworkTxBytes()).isEqualTo(220);
  }

  @Test
  void readsTheSeparateHierarchies() throws Exception {
    process("4:memory:/docker/c\n3:cpu,cpuacct:/docker/c\n0::/docker/c\n");
    file("cgroup/cpuacct/docker/c/cpuacct.usage", "77\n");
    file("cgroup/memory/docker/c/memory.usage_in_bytes", "900\n");
    file("cgroup/memory/docker/c/memory.stat", "inactive_file 1\ntotal_inactive_file 400\n");
    var stats = reader().read(TARGET).orElseThrow();
    assertThat(stats.getCpuNanos()).isEqualTo(77);
    assertThat(stats.getMemoryBytes()).isEqualTo(500);
  }

  @Test
  void endedContainerHasNone() {
    assertThat(reader().read(TARGET)).isEmpty();
  }

  private ContainerStatsReader reader() {
    return new ContainerStatsReader(root.resolve("cgroup"), root.resolve("proc"));
  }

  private void process(String groups) throws IOException {
    file("proc/42/cgroup", groups);
    file(
        "proc/42/net/dev",
        """
        Inter-|   Receive |  Transmit
         face |bytes packets
            lo:    5 0 0 0 0 0 0 0    5 0 0 0 0 0 0 0
          eth0:  100 1 0 0 0 0 0 0  200 1 0 0 0 0 0 0
          eth1:   10 1 0 0 0 0 0 0   20 1 0 0 0 0 0 0
        """);
  }

  private void file(String name, String text) throws IOException {
    Path path = root.resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
