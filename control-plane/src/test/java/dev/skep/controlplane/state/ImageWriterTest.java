package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ImageWish;
import dev.skep.controlplane.reconcile.Images;
import dev.skep.controlplane.workload.ImageReference;
import dev.skep.controlplane.workload.ObjectState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageWriterTest {
  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId organization = test.addOrganization("one");
  private final WorkerId worker = test.addWorker("w1");
  private final WorkerId other = test.addWorker("w2");
  private final ServiceId service =
      test.addService(organization, "api", 1, Specs.minimal().build());

  @AfterEach
  void close() {
    test.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nginx",
        "nginx:1.25",
        "a/b",
        "a_b.c/d:1",
        "docker.io/nginx",
        "docker.io/a/b:x",
        "registry-1.docker.io/library/nginx",
        "localhost/a",
        "localhost:5000/a:b",
        "localhost:5000",
        "host:5000/a/b/c:1.2",
        "ghcr.io/a/b",
        "Ghcr.IO/a/b:V1",
        "10.77.0.200:5000/web:1"
      })
  void theDatabaseNamesImagesAsJavaDoes(String image) {
    for (String suffix : List.of("", "@sha256:" + "c".repeat(64))) {
      String digest = "sha256:" + "d".repeat(64);
      assertThat(
              test.list(
                  String.class, "select pinned_image(?::text, ?::text)", image + suffix, digest))
          .containsExactly(ImageReference.parse(image + suffix).orElseThrow().pinned(digest));
    }
  }

  @Test
  void aPlacementBringsItsImageOnceAndWakesNobodyAgain() {
    place(worker);
    write(w -> {});
    assertThat(images()).containsExactly("w1 1 PENDING");
    long revision = test.number("select revision from clusters");
    assertThat(test.number("select revision from worker_images")).isEqualTo(revision);

    write(w -> w.wish(test.cluster(), Set.of(new ImageWish(worker, image()))));
    assertThat(test.number("select revision from clusters")).isEqualTo(revision);
  }

  @Test
  void aWishBringsAnImageBeforeThereIsAPlacement() {
    write(w -> w.wish(test.cluster(), Set.of(new ImageWish(other, image()))));

    assertThat(images()).containsExactly("w2 1 PENDING");
    assertThat(test.number("select revision from worker_images"))
        .isEqualTo(test.number("select revision from clusters"));
  }

  @Test
  void anImageThatIsGoingIsTakenBack() {
    write(w -> w.wish(test.cluster(), Set.of(new ImageWish(worker, image()))));
    test.execute("update worker_images set removing = true, observed_state = 'APPLIED'");
    write(w -> w.wish(test.cluster(), Set.of(new ImageWish(worker, image()))));

    assertThat(images()).containsExactly("w1 2 PENDING");
  }

  @Test
  void aRefusedImageIsAskedForAnewByALaterDeploymentAndOnlyOnce() {
    Consumer<ImageWriter> wish =
        w -> w.wish(test.cluster(), Set.of(new ImageWish(worker, image())));
    write(wish);
    test.execute("update worker_images set observed_state = 'FAILED'");
    write(wish);
    assertThat(images()).containsExactly("w1 1 FAILED");

    test.execute("update container_deployments set created_at = clock_timestamp()");
    write(wish);
    assertThat(images()).containsExactly("w1 2 PENDING");
    test.execute("update worker_images set observed_state = 'FAILED'");
    write(wish);
    assertThat(images()).containsExactly("w1 2 FAILED");
  }

  @Test
  void theNewestTenReleasesAreKeptAndThoseThatSomethingNeeds() {
    for (int number = 2; number <= 14; number++) {
      addRelease(number);
    }
    place(worker);
    test.execute("update container_services set good_release_id = " + release(2));
    test.execute("update container_services set release_id = " + release(14));
    everyImageOn(worker);
    write(w -> w.changed(service));

    assertThat(test.list(Integer.class, "select number from releases where not kept"))
        .as("1 has a placement, 2 ran last, 5 to 14 are the newest ten")
        .containsExactlyInAnyOrder(3, 4);
    assertThat(
            test.list(
                String.class,
                "select right(image, 2) from worker_images where removing order by image"))
        .containsExactly("03", "04");
  }

  @Test
  void anImageThatNeverCameIsGivenUpWhenItsReleaseIsNotWantedAnyMore() {
    addRelease(2);
    everyImageOn(worker);
    test.execute(
        "update worker_images set observed_state = case right(image, 1) when '2' then 'FAILED'"
            + " else 'APPLIED' end");
    test.execute("update container_services set release_id = " + release(2));
    write(w -> w.changed(service));
    assertThat(test.number("select count(*) from worker_images where removing")).isZero();

    test.execute("update container_services set release_id = " + release(1));
    test.execute("update container_deployments set release_id = " + release(2));
    write(w -> w.changed(service));
    assertThat(test.number("select count(*) from worker_images where removing")).isZero();

    test.execute("update container_deployments set ended_at = now()");
    write(w -> w.changed(service));
    assertThat(images()).containsExactly("w1 1 APPLIED");
  }

  @Test
  void theImagesOfADeletedServiceGoButNotThoseThatAnotherUses() {
    addRelease(2);
    ServiceId twin = test.addService(organization, "twin", 1, Specs.minimal().build());
    everyImageOn(worker);
    delete(service);
    assertThat(test.list(String.class, "select right(image, 2) from worker_images where removing"))
        .containsExactly("02");
    delete(twin);
    assertThat(test.number("select count(*) from worker_images where not removing")).isZero();
  }

  @Test
  void aPlacementThatIsGoingStillHoldsItsImage() {
    place(worker);
    everyImageOn(worker);
    addRelease(2);
    test.execute("update container_services set release_id = " + release(2));
    test.execute("update releases set kept = false where number = 1");
    test.execute("update placements set removing = true");
    ImageUpkeep upkeep = new ImageUpkeep(test.database());
    upkeep.maintain();
    assertThat(images()).containsExactly("w1 1 APPLIED");

    test.execute("delete from placements");
    upkeep.maintain();
    assertThat(test.number("select count(*) from worker_images where removing")).isEqualTo(1);
  }

  @Test
  void upkeepFindsPlacementsWithoutAnImage() {
    place(other);
    new ImageUpkeep(test.database()).maintain();

    assertThat(images()).containsExactly("w2 1 PENDING");
  }

  @Test
  void theLeaderSeesHowFarWorkersAre() {
    everyImageOn(worker);
    everyImageOn(other);
    test.execute("update worker_images set observed_state = 'FAILED', observed_message = 'why'");
    test.execute(
        "update worker_images set observed_code = 'unknown_kind' where worker_id = ?",
        other.value());
    var images = new AtomicReference<Images>();
    test.database()
        .useTransaction(
            h -> {
              Reads reads = new Reads(h).bind("ids", new UUID[] {service.value()});
              ImageReader.ask(reads, images::set);
              reads.send();
            });
    Images seen = images.get();

    assertThat(seen.get(worker, image())).contains(new Images.Image(ObjectState.FAILED, "why"));
    assertThat(seen.get(other, image())).map(Images.Image::state).contains(ObjectState.APPLIED);
  }

  /** One pass that changed placements, if any were changed since the last. */
  private void write(Consumer<ImageWriter> changes) {
    test.database()
        .useTransaction(
            h -> {
              ImageWriter writer = new ImageWriter(h);
              changes.accept(writer);
              writer.finish(revisions(h));
            });
  }

  private Map<ClusterId, Long> revisions(Handle handle) {
    return handle
        .createQuery("select max(revision) from placements having max(revision) > 0")
        .mapTo(Long.class)
        .findOne()
        .map(r -> Map.of(test.cluster(), r))
        .orElse(Map.of());
  }

  private void delete(ServiceId deleted) {
    test.database()
        .useTransaction(
            h -> {
              ImageWriter writer = new ImageWriter(h);
              writer.purging(test.cluster(), deleted);
              h.execute("delete from container_services where id = ?", deleted.value());
              writer.finish(Map.of());
            });
  }

  private void place(WorkerId on) {
    test.database()
        .useTransaction(
            h ->
                h.execute(
                    "insert into placements (id, organization_id, service_id, cluster_id,"
                        + " worker_id, release_id, replicas, restart_generation, revision,"
                        + " cpu_millis, memory_bytes, pinned_node) select ?, organization_id, id,"
                        + " cluster_id, ?, release_id, 1, 0, ?, 1, 1, 'node'"
                        + " from container_services where id = ?",
                    test.ids().get(),
                    on.value(),
                    Revisions.next(h, test.cluster()),
                    service.value()));
  }

  private void addRelease(int number) {
    test.execute(
        "insert into releases (id, organization_id, service_id, number, image_digest, spec)"
            + " select ?, organization_id, service_id, ?, ?, spec from releases"
            + " where service_id = ? and number = 1",
        UUID.randomUUID(),
        number,
        "sha256:%064d".formatted(number),
        service.value());
  }

  private String release(int number) {
    return "(select id from releases where number = " + number + ")";
  }

  private void everyImageOn(WorkerId on) {
    test.execute(
        "insert into worker_images (worker_id, image, revision, observed_state)"
            + " select distinct ?::uuid, image, 1, 'APPLIED' from releases",
        on.value());
  }

  private String image() {
    return test.list(String.class, "select distinct image from releases where number = 1")
        .getFirst();
  }

  private List<String> images() {
    return test.list(
        String.class,
        "select w.name || ' ' || generation || ' ' || observed_state"
            + " from worker_images join container_workers w on w.id = worker_id"
            + " where not removing order by 1");
  }
}
