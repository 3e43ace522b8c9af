package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.DataPromise;
import dev.skep.v1.DeleteVolumeRequest;
import dev.skep.v1.MigrateServiceRequest;
import dev.skep.v1.UpdateServiceRequest;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class VolumesTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation run(String arguments) {
    var environment =
        Map.of("SKEP_SERVER", "http://127.0.0.1:" + controlPlane.port(), "SKEP_TOKEN", "skp_t");
    return Invocation.run(environment, arguments.split(" "));
  }

  private <T> T request(Class<T> type) {
    return controlPlane.requests.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void createSendsVolumesAndThePromiseAndShowsTheWarning() {
    var result =
        run(
            "services create db --image i --volume data:/var/lib/db --volume wal:/wal"
                + " --data-promise may-be-lost");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("cannot be updated without interruption");
    var spec = request(CreateServiceRequest.class).getSpec();
    assertThat(spec.getVolumesList()).extracting("name").containsExactly("data", "wal");
    assertThat(spec.getVolumes(0).getPath()).isEqualTo("/var/lib/db");
    assertThat(spec.getDataPromise()).isEqualTo(DataPromise.DATA_PROMISE_MAY_BE_LOST);
    assertThat(run("services inspect db").out()).contains("data at /var/lib/db, wal at /wal");
  }

  @Test
  void updateReplacesVolumes() {
    run("services create db --image i --volume data:/data");

    run("services update db --volume other:/other");

    var request = request(UpdateServiceRequest.class);
    assertThat(request.getUpdateMask().getPathsList()).containsExactly("volumes");
    assertThat(request.getSpec().getVolumesList()).extracting("name").containsExactly("other");
  }

  @Test
  void aDirectoryOfTheWorkerIsNoVolume() {
    var result = run("services create db --image i --volume /etc:/etc");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("'/etc:/etc' is not a volume", "data:/var/lib/db");
  }

  @Test
  void givingUpDataIsSaidWithItsOwnOption() {
    run("services create db --image i");

    assertThat(run("services migrate db --abandon-data").code()).isZero();
    assertThat(request(MigrateServiceRequest.class).getAbandonData()).isTrue();
    assertThat(run("services migrate db").code()).isZero();
    assertThat(request(MigrateServiceRequest.class).getAbandonData()).isFalse();
  }

  @Test
  void listShowsEveryPage() {
    var result = run("volumes ls");

    assertThat(result.out()).contains("db.data", "in use", "db.old", "kept", "w1");
  }

  @Test
  void showSaysWhoUsesIt() {
    assertThat(run("volumes show db.data").out())
        .contains("db.data", "used by service db, release 3", "skep-1");
  }

  @Test
  void removingNeedsAWord() {
    assertThat(run("volumes rm db.old").code()).isEqualTo(2);
    assertThat(controlPlane.requests).noneMatch(DeleteVolumeRequest.class::isInstance);

    assertThat(run("volumes rm db.old --yes").code()).isZero();

    assertThat(request(DeleteVolumeRequest.class).getVolume()).isEqualTo("db.old");
  }
}
