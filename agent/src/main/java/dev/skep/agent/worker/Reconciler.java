package dev.skep.agent.worker;

import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.engine.SpecFingerprint;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.task.Desired;
import dev.skep.agent.task.EngineFeatures;
import dev.skep.agent.task.NextStep;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.Pace;
import dev.skep.agent.task.RenderService;
import dev.skep.agent.task.Step;
import dev.skep.agent.v1.ObjectStatus.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each object what to do next. One thread owns it; steps are done elsewhere and come
 * back through {@link #tried}.
 */
final class Reconciler {
  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  /** For what comes with the same assignments. */
  private static final Set<String> WAITING = Set.of("network_missing", NextStep.SECRET_MISSING);

  private static final Duration WAIT_AGAIN = Duration.ofSeconds(1);

  private final Journal journal;
  private final StatusOutbox outbox;
  private final String probeDir;
  private final Surroundings surroundings;
  private final BiConsumer<String, Step> perform;
  private final Map<String, Track> tracks = new HashMap<>();
  private final View view = new View();
  private @Nullable Listing listing;
  private @Nullable NextStep next;
  private String swarmError = "";
  private boolean away;

  /** The Swarm of this manager did not answer when it was looked at last. */
  private boolean leaderless;

  private long ticket = 1;
  private long swarmChanged;

  Reconciler(
      Journal journal,
      StatusOutbox outbox,
      String probeDir,
      Surroundings surroundings,
      BiConsumer<String, Step> perform) {
    this.journal = journal;
    this.outbox = outbox;
    this.probeDir = probeDir;
    this.surroundings = surroundings;
    this.perform = perform;
  }

  /** Order of looks and steps; a look knows nothing of a step with a later ticket. */
  long ticket() {
    return ++ticket;
  }

  /** Forgets pauses between attempts: something changed that may have been the reason. */
  void assigned(Set<String> ids) {
    if (listing != null && !away) {
      outbox.put(Statuses.swarm(listing, swarmError, journal.plan().ownerEpoch()));
    }
    ids.forEach(this::decide);
    // A network that came with them was decided perhaps after its placements.
    decideWaiting();
  }

  /** False when the listing is older than a change of the Swarm and so says nothing. */
  boolean listed(long asOf, Listing now) {
    if (asOf < swarmChanged) {
      return false;
    }
    if (away) {
      log.info("The engine answers again");
    }
    away = false;
    if (listing == null || !listing.info().api().equals(now.info().api())) {
      next = nextStep(now);
    }
    if (leaderless && now.controlError().isEmpty()) {
      tracks.values().stream().filter(t -> !t.busy).forEach(Track::chance);
    }
    leaderless = !now.controlError().isEmpty();
    listing = now;
    Predicate<String> keep = id -> tracks.containsKey(id) && newer(tracks.get(id), asOf);
    now.images().ifPresent(images -> view.images(images, keep));
    now.cluster()
        .ifPresent(
            c -> {
              view.replace(c, keep);
              view.tasks(c.tasks(), asOf);
            });
    everything().forEach(this::decide);
    outbox.put(Statuses.swarm(now, swarmError, journal.plan().ownerEpoch()));
    return true;
  }

  private static boolean newer(Track track, long asOf) {
    return track.busy || track.touched > asOf;
  }

  private NextStep nextStep(Listing now) {
    var api = now.info().api();
    log.info("Engine {} with API {}", now.info().version(), api);
    var features = new EngineFeatures(api.hasNoNewPrivileges(), api.hasStartInterval(), probeDir);
    return new NextStep(new RenderService(features), SpecFingerprint::of);
  }

  /** Returns whether a task changed. */
  boolean looked(long asOf, List<Observed.Task> tasks) {
    var changed = view.tasks(tasks, asOf);
    changed.forEach(this::report);
    return !changed.isEmpty();
  }

  /** The engine does not answer: whatever was true of its objects may still be. */
  void blind(EngineFailure failure) {
    if (!away) {
      log.warn("{}: {}", failure.code().word(), failure.getMessage());
    }
    away = true;
    outbox.put(Statuses.blind(outbox.swarm(), failure));
    for (String id : journal.plan().objects().keySet()) {
      var track = track(id);
      outbox.put(
          Statuses.of(id, track).setCode("engine_down").setMessage(failure.getMessage()).build());
    }
  }

  /** What went wrong before is better to know than that it is being tried again. */
  void began(String id) {
    var track = track(id);
    if (track.busy && track.failures == 0) {
      track.is(State.STATE_PENDING, "image_pulling", "the image is being pulled");
      report(id);
    }
  }

  void tried(String id, Step step, Outcome outcome) {
    var track = track(id);
    track.busy = false;
    track.touched = ticket();
    switch (outcome) {
      case Outcome.ServiceNow(var service, var accepted) -> {
        track.failures = 0;
        track.accepted = accepted;
        view.service(id, service);
      }
      case Outcome.NetworkNow(var network) -> {
        track.failures = 0;
        view.network(id, network);
      }
      case Outcome.SecretNow(var secret) -> {
        track.failures = 0;
        view.secret(id, secret);
      }
      case Outcome.ImageNow(var image, boolean there) -> {
        track.failures = 0;
        view.image(image, there);
      }
      case Outcome.VolumeGone() -> {
        track.failures = 0;
        track.done = true;
      }
      case Outcome.SwarmChanged() -> {
        swarmError = "";
        // What was seen is of another life; nothing is decided before the next look.
        listing = null;
        swarmChanged = ticket;
      }
      case Outcome.Failed(var failure) -> {
        failed(id, step, track, failure);
        if (step instanceof Step.ClaimSwarm) {
          // Perhaps nobody leads the Swarm, which asking again would only tell after a long time.
          listing = null;
          swarmChanged = ticket;
        }
      }
    }
    if (!(outcome instanceof Outcome.Failed) || track.again) {
      decide(id);
    }
    if (outcome instanceof Outcome.NetworkNow || id.startsWith(View.SECRET)) {
      // Also when it failed: they say why.
      decideWaiting();
    }
  }

  private void failed(String id, Step step, Track track, EngineFailure failure) {
    track.failures++;
    var pause = Pace.retry(track.failures, surroundings.random().getAsDouble());
    track.notBefore = nanos() + pause.toNanos();
    boolean refused = failure.refusal() && !(step instanceof Step.JoinSwarm);
    if (failure.engineAway()) {
      track.code = "engine_down";
      track.message = String.valueOf(failure.getMessage());
    } else {
      track.is(
          refused ? State.STATE_FAILED : State.STATE_PENDING,
          failure.code().word(),
          String.valueOf(failure.getMessage()));
    }
    if (step instanceof Step.InitSwarm || step instanceof Step.JoinSwarm) {
      swarmError = String.valueOf(failure.getMessage());
    }
    log.warn("{}: {}: {}", id, failure.code().word(), failure.getMessage());
    report(id);
  }

  /** Tries what had to wait; returns when the next one is due. */
  Duration retryDue() {
    long now = nanos();
    long soonest = Duration.ofSeconds(30).toNanos();
    for (var id : List.copyOf(tracks.keySet())) {
      var track = track(id);
      if (track.failures == 0 || track.busy) {
        continue;
      }
      if (track.notBefore - now <= 0) {
        // Where the next step is to wait, another second is soon enough.
        track.notBefore = now + WAIT_AGAIN.toNanos();
        decideNow(id, track);
      } else {
        soonest = Math.min(soonest, track.notBefore - now);
      }
    }
    return Duration.ofNanos(soonest);
  }

  private void decideWaiting() {
    journal
        .plan()
        .objects()
        .forEach(
            (id, wanted) -> {
              if (wanted instanceof Desired.Placement && WAITING.contains(track(id).code)) {
                decide(id);
              }
            });
  }

  private Set<String> everything() {
    var plan = journal.plan();
    var ids = new HashSet<>(plan.objects().keySet());
    ids.addAll(plan.gone());
    if (plan.ownsCluster()) {
      ids.addAll(view.present());
    }
    if (plan.complete()) {
      journal.pulled().all().stream().filter(view::hasImage).forEach(i -> ids.add(View.IMAGE + i));
    }
    return ids;
  }

  /** Whether a look has to tell of images. */
  boolean wantsImages() {
    var plan = journal.plan();
    return !journal.pulled().all().isEmpty()
        || plan.objects().values().stream().anyMatch(d -> d instanceof Desired.Image);
  }

  private void decide(String id) {
    var track = track(id);
    if (track.busy) {
      track.again = true;
      return;
    }
    var wish = journal.plan().objects().get(id);
    if (wish != null) {
      track.wanted(wish.generation());
    }
    if (track.failures > 0 && track.notBefore - nanos() > 0) {
      report(id);
      return;
    }
    decideNow(id, track);
  }

  private void decideNow(String id, Track track) {
    track.again = false;
    var wanted = Optional.ofNullable(journal.plan().objects().get(id));
    if (wanted.isEmpty() && !mayRemove(id)) {
      tracks.remove(id);
      outbox.forget(id);
      return;
    }
    var rules = next;
    var seen = listing;
    if (rules == null || seen == null) {
      wanted.ifPresent(w -> report(id));
      return;
    }
    var choice = new Choice(journal, view, rules, seen);
    act(id, track, wanted.map(w -> choice.towards(w, track)).orElseGet(() -> choice.without(id)));
  }

  /** Without an assignment and not taken away from us, it may be another agent's to keep. */
  private boolean mayRemove(String id) {
    var plan = journal.plan();
    return plan.gone().contains(id)
        || (id.startsWith(View.IMAGE) ? plan.complete() : plan.ownsCluster());
  }

  private void act(String id, Track track, Step step) {
    switch (step) {
      case Step.Settled s when journal.plan().objects().containsKey(id) -> {
        track.failures = 0;
        track.is(State.STATE_APPLIED, "", "");
      }
      case Step.Settled s -> {
        track.is(State.STATE_REMOVED, "", "");
        journal.removed(id);
        if (id.startsWith(View.IMAGE)) {
          journal.pulled().remove(id.substring(View.IMAGE.length()));
        }
      }
      case Step.Wait(var code, var message) ->
          track.is(State.STATE_PENDING, code, message + whySecretIsMissing(id, code));
      case Step.Refuse(var code, var message) -> track.is(State.STATE_FAILED, code, message);
      default -> {
        begin(id, track, step);
        return;
      }
    }
    report(id);
    if (track.state == State.STATE_REMOVED) {
      tracks.remove(id);
    }
  }

  /** What keeps the first secret of a placement from being made, and what helps. */
  private String whySecretIsMissing(String id, String code) {
    if (!code.equals(NextStep.SECRET_MISSING)
        || !(journal.plan().objects().get(id) instanceof Desired.Placement placement)) {
      return "";
    }
    return placement.workload().secretFiles().stream()
        .map(file -> tracks.get(View.SECRET + file.objectName()))
        .filter(secret -> secret != null && !secret.code.isEmpty())
        .findFirst()
        .map(
            secret ->
                ": "
                    + secret.message
                    + "; it is tried again, and \"skep cluster status\" says whether the Swarm can"
                    + " be changed")
        .orElse("");
  }

  private void begin(String id, Track track, Step step) {
    if (track.state == State.STATE_APPLIED) {
      track.is(State.STATE_PENDING, "", "");
    }
    track.busy = true;
    track.touched = ticket();
    log.info("{}: {}", id, step.getClass().getSimpleName());
    perform.accept(id, step);
  }

  private long nanos() {
    return surroundings.nanos().getAsLong();
  }

  private Track track(String id) {
    return tracks.computeIfAbsent(id, i -> new Track());
  }

  private void report(String id) {
    var track = tracks.get(id);
    if (track == null) {
      return;
    }
    var status = Statuses.of(id, track);
    var service = view.service(id);
    if (id.startsWith(View.PLACEMENT)) {
      Statuses.addTasks(status, service, view.tasks(id));
    }
    if (journal.plan().objects().get(id) instanceof Desired.Placement p && service.isPresent()) {
      Statuses.addTrouble(
          status, service.get(), view.tasks(id), p.replicas(), surroundings.clock().instant());
    }
    if (away) {
      status.setCode("engine_down");
    }
    outbox.put(status.build());
  }

  /** Whether every placement has exactly the replicas that it should, and nothing is under way. */
  boolean settled() {
    for (var wanted : journal.plan().objects().values()) {
      if (wanted instanceof Desired.Placement p && !settled(p)) {
        return false;
      }
    }
    return true;
  }

  private boolean settled(Desired.Placement wanted) {
    var track = tracks.get(wanted.id());
    var service = view.service(wanted.id());
    if (track == null || track.busy || service.isEmpty()) {
      return track != null && !track.busy;
    }
    long generation = service.get().containerGeneration();
    long live = view.tasks(wanted.id()).stream().filter(Observed.Task::desiredRunning).count();
    long running =
        view.tasks(wanted.id()).stream()
            .filter(t -> t.desiredRunning() && t.state().equals("running"))
            .filter(t -> t.containerGeneration() == generation)
            .count();
    return running == wanted.replicas() && live == wanted.replicas();
  }

  /** Whether some replica runs where this engine's events do not tell of it. */
  boolean remote() {
    return listing != null
        && journal.plan().objects().values().stream()
            .anyMatch(
                d ->
                    d instanceof Desired.Placement p
                        && !p.nodeId().equals(listing.info().swarm().nodeId()));
  }

  boolean manager() {
    return listing != null && listing.cluster().isPresent();
  }

  /** Whether managers elect a leader, or nodes become managers or stop being such. */
  boolean unsteady() {
    boolean moving =
        Optional.ofNullable(listing).flatMap(Listing::cluster).stream()
            .flatMap(c -> c.nodes().stream())
            .anyMatch(n -> n.managerRole() != n.manager());
    return leaderless || (moving && journal.plan().control().isPresent());
  }

  Optional<Listing> listing() {
    return Optional.ofNullable(listing);
  }
}
