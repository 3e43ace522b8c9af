package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.Tie;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Wanted;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What ties a service to the worker where its volumes are, and what unties it. */
final class Attachment {
  private static final Set<Fate.Kind> TAKEN_DOWN =
      EnumSet.of(Fate.Kind.EXPELLED, Fate.Kind.REMOVED);

  private final ServiceView view;
  private final Situation situation;

  private Attachment(ServiceView view, Situation situation) {
    this.view = view;
    this.situation = situation;
  }

  static Attachment of(ServiceView view, Situation situation) {
    return new Attachment(view, situation);
  }

  /** What becomes of a replica with volumes. */
  enum Verdict {
    STAYS,
    /** It stays where it cannot run now: its data is there. */
    WAITS,
    /** It is taken down. */
    GOES
  }

  Verdict verdict(WorkerId worker) {
    if (home().filter(h -> !h.worker().equals(worker)).isPresent()) {
      return Verdict.GOES;
    }
    return switch (situation.fate(worker).kind()) {
      case STAYS -> Verdict.STAYS;
      case BRAKED -> Verdict.WAITS;
      case EXPELLED, REMOVED -> Verdict.GOES;
      case LEAVES, LOST -> home().isEmpty() || leaves() ? Verdict.GOES : Verdict.WAITS;
    };
  }

  /** The only worker that will do. */
  Optional<Tie> tie() {
    return leaves() ? Optional.empty() : home().map(h -> new Tie(h.worker(), h.name()));
  }

  private Optional<Home> home() {
    return view.hasVolumes() ? view.home() : Optional.empty();
  }

  /** Whether it starts elsewhere with empty volumes, now or when the copy here has stopped. */
  boolean leaves() {
    return view.wanted() == Wanted.RUNNING && home().filter(this::leaves).isPresent();
  }

  private boolean leaves(Home home) {
    return switch (kind(home)) {
      case STAYS, BRAKED -> false;
      case LEAVES, EXPELLED -> asked(home) || view.goal().policy().leavesVolumes();
      // A copy without a lease may still run, cut off: only a user can accept that.
      case LOST, REMOVED -> asked(home) || (leased(home) && stoppedItself(home));
    };
  }

  /**
   * Whether its volumes are given up: not before the copy has stopped where that can be seen. A
   * worker that is lost meanwhile has to be waited for like any other that is.
   */
  private boolean givesUp(Home home) {
    return leaves()
        && switch (kind(home)) {
          case STAYS, BRAKED -> false;
          case LEAVES, EXPELLED ->
              view.placements().stream()
                  .filter(p -> p.worker().equals(home.worker()))
                  .allMatch(p -> p.gone() || p.quiet());
          case LOST, REMOVED -> true;
        };
  }

  /** Whether it leaves a lost worker by itself, sooner or later. */
  private boolean leased(Home home) {
    return view.goal().policy().leavesVolumes() && home.lease().isPresent();
  }

  /** Its agent has stopped the copy there, and the Swarm, which knows, does not start it again. */
  private boolean stoppedItself(Home home) {
    return home.lease().filter(Lease::over).isPresent()
        && view.placements().stream()
            .filter(p -> p.worker().equals(home.worker()))
            .allMatch(p -> p.gone() || (p.replicas() == 0 && p.applied()));
  }

  /** A wish is for the misfortune that was there when it was made. */
  private boolean asked(Home home) {
    Fate fate = situation.fate(home.worker());
    return home.abandonRequested()
        .filter(at -> fate.kind() != Fate.Kind.LOST || at.isAfter(fate.since()))
        .isPresent();
  }

  /** A worker that was deleted does not come back; what was there is given up by a user only. */
  private Fate.Kind kind(Home home) {
    return deleted(home) ? Fate.Kind.REMOVED : situation.fate(home.worker()).kind();
  }

  private boolean deleted(Home home) {
    return !situation.fates().containsKey(home.worker());
  }

  /** What becomes of the volumes and of a user's wish about them. */
  List<ServiceChange> changes() {
    List<ServiceChange> changes = new ArrayList<>();
    home()
        .filter(this::givesUp)
        .ifPresent(h -> changes.add(new ServiceChange.LeaveVolumes(h.worker(), why(h))));
    view.home()
        .filter(h -> h.abandonRequested().isPresent() && kind(h) == Fate.Kind.STAYS)
        .ifPresent(h -> changes.add(new ServiceChange.StayWithVolumes()));
    return changes;
  }

  /** Once: what is given up has no home any more, what is taken down no replicas. */
  List<ServiceEvent> events(List<Placement> goes) {
    List<ServiceEvent> events = new ArrayList<>();
    home()
        .filter(this::givesUp)
        .ifPresent(
            home ->
                events.add(
                    new ServiceEvent(
                        "volumes_left_behind",
                        "its volume data stays on %s and it starts elsewhere with empty volumes: %s"
                            .formatted(home.name(), why(home)))));
    if (leaves()) {
      return events;
    }
    for (Placement placement : goes) {
      Fate fate = situation.fate(placement.worker());
      if (placement.replicas() > 0 && TAKEN_DOWN.contains(fate.kind())) {
        events.add(
            new ServiceEvent(
                "replicas_stranded",
                "1 replica of %s is down: %s; it does not move, because its volume data is there"
                    .formatted(fate.name(), fate.why())));
      }
    }
    return events;
  }

  private String why(Home home) {
    return deleted(home) ? "the worker was removed" : situation.fate(home.worker()).why();
  }

  /** What it waits for, when it cannot run where its volumes are. */
  Optional<String> waitingFor() {
    return tie().isEmpty() ? Optional.empty() : home().flatMap(this::waitingFor);
  }

  private Optional<String> waitingFor(Home home) {
    String there =
        "; its volume data is there; wait, or start elsewhere with empty volumes: skep services"
            + " migrate "
            + view.name()
            + " --abandon-data";
    return switch (kind(home)) {
      case STAYS -> Optional.empty();
      case BRAKED ->
          Optional.of(
              "its worker "
                  + home.name()
                  + " cannot be seen: nothing is moved while most of the cluster cannot be seen");
      case LEAVES, EXPELLED ->
          Optional.of(
              "does not leave worker "
                  + home.name()
                  + " although "
                  + situation.fate(home.worker()).why()
                  + there);
      case LOST, REMOVED -> {
        String gone =
            home.name()
                + (kind(home) == Fate.Kind.LOST ? ", which is lost" : ", which was removed");
        yield Optional.of(
            leased(home)
                ? "waits until the copy on worker "
                    + gone
                    + ", has certainly stopped; then it starts elsewhere with empty volumes"
                : "waits for worker " + gone + there);
      }
    };
  }
}
