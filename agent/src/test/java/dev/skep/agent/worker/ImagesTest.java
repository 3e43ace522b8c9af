package dev.skep.agent.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.engine.Dockerd;
import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.engine.FakeEngine;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Image;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.ObjectStatus.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of a worker, from an assignment to the engine and back. */
@SuppressWarnings("NullAway.Init")
final class ImagesTest {
  private static final Duration SOON = Duration.ofSeconds(25);
  private static final String ONE = name(1);
  private static final String TWO = name(2);

  @TempDir private Path dir;
  private final FakeEngine engine = new FakeEngine();
  private final Map<String, ObjectStatus> statuses = new HashMap<>();
  private Journal journal;
  private StatusOutbox outbox;
  private Worker worker;
  private long revision;

  private static String name(int number) {
    return "r.example/app@sha256:%064d".formatted(number);
  }

  @BeforeEach
  void start() {
    journal = Journal.open(dir);
    outbox = new StatusOutbox();
    worker = new Worker(journal, engine, outbox, new Worker.Settings("10.0.0.1", "/p"), c -> {});
    worker.start();
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private void want(String... images) {
    apply(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_COMPLETE)
            .setResultsIn(++revision)
            .addAllPut(Stream.of(images).map(ImagesTest::assignment).toList()));
  }

  private void take(String image) {
    apply(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
            .setAppliesTo(revision)
            .setResultsIn(++revision)
            .addRemove("image/" + image));
  }

  private void apply(AssignmentSet.Builder set) {
    if (journal.apply(set.build()) instanceof Journal.Applied.Changed(var ids)) {
      worker.assigned(ids);
    }
  }

  private static Assignment assignment(String image) {
    return Assignment.newBuilder()
        .setId("image/" + image)
        .setGeneration(1)
        .setImage(Image.newBuilder().setImage(image))
        .build();
  }

  private ObjectStatus status(String image) {
    outbox
        .take(System.nanoTime())
        .ifPresent(
            r -> {
              r.getObjectsList().forEach(o -> statuses.put(o.getAssignmentId(), o));
              outbox.acked(r.getSequence());
            });
    return statuses.getOrDefault("image/" + image, ObjectStatus.getDefaultInstance());
  }

  private void await(String image, State state, String code) throws InterruptedException {
    Dockerd.await(
        () -> status(image).getState() == state && status(image).getCode().equals(code), SOON);
  }

  @Test
  void wantedImageIsPulledAndDeletedWhenItIsTakenAway() throws Exception {
    engine.images.published.add(ONE);
    want(ONE);
    await(ONE, State.STATE_APPLIED, "");
    assertThat(engine.images.names()).containsExactly(ONE);
    take(ONE);
    await(ONE, State.STATE_REMOVED, "");
    assertThat(engine.images.names()).isEmpty();
    assertThat(journal.pulled().all()).isEmpty();
    assertThat(journal.plan().gone()).isEmpty();
  }

  @Test
  void imageThatWasThereBeforeIsNotPulledAndNeverDeleted() throws Exception {
    engine.images.put(ONE);
    want(ONE);
    await(ONE, State.STATE_APPLIED, "");
    assertThat(engine.images.pulls.get()).isZero();
    take(ONE);
    await(ONE, State.STATE_REMOVED, "");
    assertThat(engine.images.names()).containsExactly(ONE);
  }

  @Test
  void pullIsToldOfWhileItGoesOnAndDelaysNothingElse() throws Exception {
    engine.images.published.addAll(List.of(ONE, TWO, name(3)));
    engine.images.put(name(4));
    int free = engine.images.line.drainPermits();
    want(ONE, TWO, name(3), name(4));
    await(ONE, State.STATE_PENDING, "image_pulling");
    await(name(3), State.STATE_PENDING, "image_pulling");
    await(name(4), State.STATE_APPLIED, "");
    Dockerd.await(() -> engine.images.pulls.get() == 2, SOON);
    engine.images.line.release(free);
    await(ONE, State.STATE_APPLIED, "");
    await(name(3), State.STATE_APPLIED, "");
  }

  @Test
  void troubleWithTheNetworkIsTriedAgainUntilItIsOver() throws Exception {
    engine.images.troubles.put(ONE, Code.REGISTRY_UNREACHABLE);
    engine.images.published.add(ONE);
    want(ONE);
    await(ONE, State.STATE_PENDING, "registry_unreachable");
    Dockerd.await(() -> engine.images.pulls.get() > 2, SOON);
    engine.images.troubles.clear();
    await(ONE, State.STATE_APPLIED, "");
  }

  @Test
  void imageThatTheRegistryDoesNotHaveFailsAndComesWhenItHasIt() throws Exception {
    want(ONE);
    await(ONE, State.STATE_FAILED, "image_missing");
    engine.images.published.add(ONE);
    await(ONE, State.STATE_APPLIED, "");
  }

  @Test
  void imageThatNeverCameLeavesNothingBehind() throws Exception {
    want(ONE);
    await(ONE, State.STATE_FAILED, "image_missing");
    take(ONE);
    await(ONE, State.STATE_REMOVED, "");
    assertThat(journal.pulled().all()).isEmpty();
  }

  @Test
  void refusalIsNotAskedForAgainWithinAMinute() throws Exception {
    engine.images.troubles.put(ONE, Code.IMAGE_UNAUTHORIZED);
    engine.images.published.add(TWO);
    want(ONE);
    await(ONE, State.STATE_FAILED, "image_unauthorized");
    want(ONE, TWO);
    await(TWO, State.STATE_APPLIED, "");
    assertThat(engine.images.pulls.get()).as("one refusal and the other image").isEqualTo(2);
  }

  @Test
  void imageThatSomebodyDeletedIsPulledAgain() throws Exception {
    engine.images.published.add(ONE);
    want(ONE);
    await(ONE, State.STATE_APPLIED, "");
    engine.images.lose(ONE);
    Dockerd.await(() -> engine.images.names().contains(ONE), SOON);
    await(ONE, State.STATE_APPLIED, "");
    assertThat(engine.images.pulls.get()).isEqualTo(2);
  }

  @Test
  void whatAnEarlierAgentOfThisWorkerPulledGoesWhenNobodyWantsIt() throws Exception {
    engine.images.published.add(ONE);
    engine.images.put(TWO);
    want(ONE);
    await(ONE, State.STATE_APPLIED, "");
    stop();
    want();
    start();
    Dockerd.await(() -> !engine.images.names().contains(ONE), SOON);
    assertThat(engine.images.names()).containsExactly(TWO);
  }
}
