package dev.skep.testbed.e2e;

import dev.skep.testbed.LabHost;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The worker that leads the Swarm, and whose agent changes it, dies with thirty services in the
 * cluster: another one takes over, and they run elsewhere.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ManagerLossTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  @Test
  void servicesOfADeadLeaderRunElsewhereWithinHalfAMinuteAndItComesBackEmpty() {
    skep.awaitManagers(3);
    String leader = skep.engines().leaderHost();
    LabHost host =
        skep.lab().hosts().stream().filter(h -> h.name().equals(leader)).findFirst().orElseThrow();
    new ThirtyServices(skep).surviveTheLossOf(host);
  }
}
