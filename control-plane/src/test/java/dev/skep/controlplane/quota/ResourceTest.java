package dev.skep.controlplane.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ResourceTest {
  @Test
  void amountsAreShownInTheirUnits() {
    assertThat(Resource.SERVICES.show(50)).isEqualTo("50");
    assertThat(Resource.CPU.show(1000)).isEqualTo("1 core");
    assertThat(Resource.CPU.show(250)).isEqualTo("0.25 cores");
    assertThat(Resource.MEMORY.show(16L << 30)).isEqualTo("16 GiB");
    assertThat(Resource.MEMORY.show((3L << 29) + 1)).isEqualTo("1.5 GiB");
    assertThat(Resource.STORAGE.show(0)).isEqualTo("0 bytes");
    assertThat(Resource.STORAGE.show(2048L << 40)).isEqualTo("2048 TiB");
  }

  @Test
  void whatIsTakenAndGivenBackIsNothing() {
    Amounts some = new Amounts(Map.of(Resource.CPU, 500L, Resource.PORTS, 0L));

    assertThat(some.map()).containsOnlyKeys(Resource.CPU);
    assertThat(some.minus(some).isNothing()).isTrue();
    assertThat(some.plus(Amounts.of(Resource.CPU, 1)).of(Resource.CPU)).isEqualTo(501);
    assertThat(Amounts.NOTHING.minus(some).of(Resource.CPU)).isEqualTo(-500);
  }
}
