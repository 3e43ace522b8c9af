package dev.skep.agent.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.skep.agent.task.Desired;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.SecretFile;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything that this agent has to make true. Immutable.
 *
 * @param revision of the assignments; 0 before any came
 * @param leaderEpoch highest that was ever seen
 * @param complete whether a complete set was ever received: before that, an object without an
 *     assignment may be one that we were not told of yet
 * @param gone ids that were taken away and are not known to be removed yet
 */
public record Plan(
    long revision,
    long leaderEpoch,
    boolean complete,
    Map<String, Desired> objects,
    Set<String> gone,
    Map<String, Assignment> sources) {

  static final Plan EMPTY = new Plan(0, 0, false, Map.of(), Set.of(), Map.of());

  /** The right to change the Swarm; empty when another agent has it, or before there was such. */
  public Optional<Desired.Control> control() {
    return objects.values().stream()
        .filter(d -> d instanceof Desired.Control)
        .map(Desired.Control.class::cast)
        .findFirst();
  }

  /** Epoch in which the Swarm may be changed; 0 for none. */
  public long ownerEpoch() {
    return control().map(Desired.Control::ownerEpoch).orElse(0L);
  }

  /**
   * Whether this plan speaks for the whole Swarm. A manager whose agent holds neither the control
   * of it nor a network or placement may be one that the control plane did not choose: it must not
   * clean up behind the one that was.
   */
  public boolean ownsCluster() {
    return complete && objects.values().stream().anyMatch(Plan::ofCluster);
  }

  private static boolean ofCluster(Desired wanted) {
    return wanted instanceof Desired.Control
        || wanted instanceof Desired.Network
        || wanted instanceof Desired.Placement;
  }

  Plan with(AssignmentSet set) {
    boolean all = set.getKind() == AssignmentSet.Kind.KIND_COMPLETE;
    var next = new TreeMap<String, Assignment>(all ? Map.of() : sources);
    var tombstones = new LinkedHashSet<>(gone);
    for (var id : set.getRemoveList()) {
      next.remove(id);
      tombstones.add(id);
    }
    for (var put : set.getPutList()) {
      // A delayed set must not take an object back.
      next.merge(
          put.getId(), put, (old, now) -> now.getGeneration() < old.getGeneration() ? old : now);
    }
    if (all) {
      keepNewer(next);
    }
    dropUnneededSecrets(next, tombstones);
    tombstones.removeAll(next.keySet());
    if (all && set.getPutList().stream().noneMatch(Plan::ofCluster)) {
      // Another agent changes the Swarm now, and takes away what is to go.
      tombstones.removeIf(id -> !id.startsWith("image/"));
    }
    long epoch = Math.max(leaderEpoch, set.getLeaderEpoch());
    return of(set.getResultsIn(), epoch, complete || all, next, tombstones);
  }

  /** Secrets come with the placements that name them, and go with the last of those. */
  private static void dropUnneededSecrets(Map<String, Assignment> next, Set<String> tombstones) {
    var needed =
        next.values().stream()
            .flatMap(a -> a.getPlacement().getWorkload().getSecretFilesList().stream())
            .map(SecretFile::getObjectName)
            .collect(Collectors.toSet());
    var unneeded =
        next.values().stream()
            .filter(a -> a.hasSecret() && !needed.contains(a.getSecret().getObjectName()))
            .map(Assignment::getId)
            .toList();
    unneeded.forEach(next::remove);
    tombstones.addAll(unneeded);
  }

  private void keepNewer(Map<String, Assignment> next) {
    next.replaceAll(
        (id, now) -> {
          var old = sources.get(id);
          return old != null && old.getGeneration() > now.getGeneration() ? old : now;
        });
  }

  private static boolean ofCluster(Assignment put) {
    return put.hasControl() || put.hasNetwork() || put.hasPlacement();
  }

  Plan without(String tombstone) {
    var rest = new LinkedHashSet<>(gone);
    rest.remove(tombstone);
    return of(revision, leaderEpoch, complete, sources, rest);
  }

  private static Plan of(
      long revision,
      long epoch,
      boolean complete,
      Map<String, Assignment> sources,
      Set<String> gone) {
    var desired = new TreeMap<String, Desired>();
    sources.forEach((id, assignment) -> desired.put(id, Wishes.of(assignment)));
    // Not copyOf, which has another order in each process: what is done in which order can be
    // repeated.
    return new Plan(
        revision,
        epoch,
        complete,
        Collections.unmodifiableMap(desired),
        Collections.unmodifiableSet(new TreeSet<>(gone)),
        Collections.unmodifiableMap(new TreeMap<>(sources)));
  }

  byte[] bytes() {
    return AssignmentSet.newBuilder()
        .setKind(complete ? AssignmentSet.Kind.KIND_COMPLETE : AssignmentSet.Kind.KIND_INCREMENTAL)
        .setResultsIn(revision)
        .setLeaderEpoch(leaderEpoch)
        .addAllPut(sources.values())
        .addAllRemove(gone)
        .build()
        .toByteArray();
  }

  static Plan read(byte[] bytes) {
    try {
      var set = AssignmentSet.parseFrom(bytes);
      var sources = new TreeMap<String, Assignment>();
      set.getPutList().forEach(a -> sources.put(a.getId(), a));
      return of(
          set.getResultsIn(),
          set.getLeaderEpoch(),
          set.getKind() == AssignmentSet.Kind.KIND_COMPLETE,
          sources,
          Set.copyOf(set.getRemoveList()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the journal passed its checksum but is not a plan", e);
    }
  }
}
