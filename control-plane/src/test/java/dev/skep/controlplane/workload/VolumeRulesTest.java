package dev.skep.controlplane.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.kernel.FieldViolation;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VolumeRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/data",
        "/var/lib/postgresql/18",
        "/srv/a.b_c-d",
        "/run/app",
        "/proc2",
        "/devices"
      })
  void aDirectoryOfAProgramIsFine(String path) {
    assertThat(fields(new VolumeMount("data", path))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "data",
        "data/x",
        "/data/",
        "//data",
        "/a//b",
        "/a/../b",
        "/a/..",
        "/./a",
        "/a/.",
        "/a b",
        "/a\0b",
        "/a,volume-opt=o=bind",
        "/{{.Node.ID}}",
        "C:\\data"
      })
  void aPathIsAbsoluteAndNormalized(String path) {
    assertThat(fields(new VolumeMount("data", path))).containsExactly("spec.volumes[0].path");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc",
        "/proc/sys",
        "/sys",
        "/sys/fs/cgroup",
        "/dev",
        "/dev/shm",
        "/run/secrets",
        "/run/secrets/key",
        "/run",
        "/var/run/secrets",
        "/var/run",
        "/var",
        "/.skep"
      })
  void whatBelongsToTheSystemIsNotCovered(String path) {
    assertThat(fields(new VolumeMount("data", path))).containsExactly("spec.volumes[0].path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Data", "1data", "data-", "a.b", "a/b", "../x", "a b"})
  void aNameIsADnsLabel(String name) {
    assertThat(fields(new VolumeMount(name, "/data"))).containsExactly("spec.volumes[0].name");
  }

  @Test
  void namesAndPathsAreUnique() {
    assertThat(
            fields(
                new VolumeMount("data", "/data"),
                new VolumeMount("data", "/other"),
                new VolumeMount("more", "/data")))
        .containsExactly("spec.volumes[1].name", "spec.volumes[2].path");
  }

  @Test
  void thereIsALimit() {
    List<VolumeMount> many =
        IntStream.range(0, 21).mapToObj(i -> new VolumeMount("v" + i, "/v" + i)).toList();

    assertThat(fields(many.toArray(VolumeMount[]::new))).containsExactly("spec.volumes");
  }

  @Test
  void aVolumeHasOneWriter() {
    ServiceSpec spec = Specs.minimal().volumes("/data").build();

    assertThat(VolumeRules.replicas("spec.replicas", 1, spec)).isEmpty();
    assertThat(VolumeRules.replicas("spec.replicas", 2, Specs.minimal().build())).isEmpty();
    assertThat(VolumeRules.replicas("spec.replicas", 2, spec))
        .singleElement()
        .satisfies(
            v -> {
              assertThat(v.field()).isEqualTo("spec.replicas");
              assertThat(v.description()).contains("single writer", "use 1 replica", "data");
            });
  }

  private static List<String> fields(VolumeMount... volumes) {
    return SpecRules.spec(Specs.minimal().volumes(List.of(volumes)).build()).stream()
        .map(FieldViolation::field)
        .toList();
  }
}
