package dev.skep.testbed.e2e;

import dev.skep.testbed.LabHost;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker dies with thirty services in the cluster: they run elsewhere, and are told why. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WorkerLossTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  @Test
  void servicesOfADeadWorkerRunElsewhereWithinHalfAMinuteAndItComesBackEmpty() {
    String leader = skep.engines().leaderHost();
    LabHost plain =
        skep.lab().hosts().stream().filter(h -> !h.name().equals(leader)).findFirst().orElseThrow();
    new ThirtyServices(skep).surviveTheLossOf(plain);
  }
}
