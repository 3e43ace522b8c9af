package dev.skep.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.FieldViolation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class WorkerRulesTest {
  @Test
  void usualLabelsAndTaintsAreFine() {
    assertThat(WorkerRules.labels(Map.of("zone", "a", "example.com/disk_1", "", "0", "x.y-z")))
        .isEmpty();
    assertThat(WorkerRules.taints(List.of("gpu", "example.com/only-builds"))).isEmpty();
  }

  @Test
  void everyWrongEntryIsNamed() {
    assertThat(WorkerRules.labels(Map.of("-a", "b c")))
        .extracting(FieldViolation::field)
        .containsExactly("labels[-a]", "labels[-a]");
    assertThat(WorkerRules.taints(List.of("ok", "", "ok", "a b")))
        .extracting(FieldViolation::field)
        .containsExactly("taints[1]", "taints[2]", "taints[3]");
  }

  @Test
  void thereIsALimitToEverything() {
    Map<String, String> many = new HashMap<>();
    IntStream.range(0, 65).forEach(i -> many.put("k" + i, ""));

    assertThat(WorkerRules.labels(many)).hasSize(1);
    assertThat(WorkerRules.labels(Map.of("k".repeat(64), ""))).hasSize(1);
    assertThat(WorkerRules.labels(Map.of("k", "v".repeat(64)))).hasSize(1);
    assertThat(WorkerRules.taints(IntStream.range(0, 33).mapToObj(i -> "t" + i).toList()))
        .hasSize(1);
  }
}
