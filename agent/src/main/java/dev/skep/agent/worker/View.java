package dev.skep.agent.worker;

import dev.skep.agent.task.Ground;
import dev.skep.agent.task.Observed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What the engine was last seen to have, by assignment id. Only the loop's thread touches it. */
final class View {
  static final String PLACEMENT = "placement/";
  static final String NETWORK = "network/";
  static final String SECRET = "secret/";
  static final String IMAGE = "image/";

  /** Whether the whole Swarm has one object of this name. */
  static boolean ofCluster(String id) {
    return id.startsWith(PLACEMENT) || id.startsWith(NETWORK) || id.startsWith(SECRET);
  }

  private final Map<String, Observed.Service> services = new HashMap<>();
  private final Map<String, Observed.Network> networks = new HashMap<>();
  private final Map<String, Observed.Secret> secrets = new HashMap<>();
  private final Set<String> images = new HashSet<>();
  private Map<String, List<Observed.Task>> tasks = Map.of();
  private long tasksTicket;

  /**
   * Takes over a whole look.
   *
   * @param keep objects that were changed after the look began
   */
  void replace(Listing.ClusterListing now, Predicate<String> keep) {
    services.keySet().removeIf(keep.negate());
    networks.keySet().removeIf(keep.negate());
    secrets.keySet().removeIf(name -> !keep.test(SECRET + name));
    for (var service : now.services()) {
      String id = PLACEMENT + service.placementId();
      if (!keep.test(id)) {
        // The newer one of two counts; the other is an orphan once this one is gone.
        services.merge(id, service, (a, b) -> a.generation() >= b.generation() ? a : b);
      }
    }
    for (var network : now.networks()) {
      String id = NETWORK + network.networkId();
      if (!keep.test(id)) {
        networks.put(id, network);
      }
    }
    now.secrets().stream()
        .filter(secret -> !keep.test(SECRET + secret.name()))
        .forEach(secret -> secrets.put(secret.name(), secret));
  }

  /** Takes over the tasks unless later ones are known; says which placements they change. */
  Set<String> tasks(List<Observed.Task> now, long ticket) {
    if (ticket < tasksTicket) {
      return Set.of();
    }
    tasksTicket = ticket;
    var next = new HashMap<String, List<Observed.Task>>();
    for (var task : now) {
      next.computeIfAbsent(PLACEMENT + task.placementId(), id -> new ArrayList<>()).add(task);
    }
    var changed = new HashSet<String>();
    var all = new HashSet<>(tasks.keySet());
    all.addAll(next.keySet());
    for (String id : all) {
      if (!Set.copyOf(tasks.getOrDefault(id, List.of()))
          .equals(Set.copyOf(next.getOrDefault(id, List.of())))) {
        changed.add(id);
      }
    }
    tasks = next;
    return changed;
  }

  /**
   * Takes over a whole look at the images.
   *
   * @param keep objects that were changed after the look began
   */
  void images(Set<String> now, Predicate<String> keep) {
    images.removeIf(image -> !keep.test(IMAGE + image));
    now.stream().filter(image -> !keep.test(IMAGE + image)).forEach(images::add);
  }

  void image(String image, boolean there) {
    if (there) {
      images.add(image);
    } else {
      images.remove(image);
    }
  }

  boolean hasImage(String image) {
    return images.contains(image);
  }

  void service(String id, Optional<Observed.Service> now) {
    now.ifPresentOrElse(s -> services.put(id, s), () -> services.remove(id));
  }

  void network(String id, Optional<Observed.Network> now) {
    now.ifPresentOrElse(n -> networks.put(id, n), () -> networks.remove(id));
  }

  void secret(String id, Optional<Observed.Secret> now) {
    String name = id.substring(SECRET.length());
    now.ifPresentOrElse(s -> secrets.put(name, s), () -> secrets.remove(name));
  }

  Optional<Observed.Secret> secret(String id) {
    return id.startsWith(SECRET)
        ? Optional.ofNullable(secrets.get(id.substring(SECRET.length())))
        : Optional.empty();
  }

  /** What a placement that needs this network stands on. */
  Ground ground(String network) {
    return new Ground(networkNamed(network), secrets);
  }

  Optional<Observed.Service> service(String id) {
    return Optional.ofNullable(services.get(id));
  }

  Optional<Observed.Network> network(String id) {
    return Optional.ofNullable(networks.get(id));
  }

  private Optional<Observed.Network> networkNamed(String name) {
    return networks.values().stream().filter(n -> n.name().equals(name)).findFirst();
  }

  List<Observed.Task> tasks(String id) {
    return tasks.getOrDefault(id, List.of());
  }

  /** Ids of everything of ours that is there. */
  Set<String> present() {
    var all = new HashSet<>(services.keySet());
    all.addAll(networks.keySet());
    secrets.keySet().forEach(name -> all.add(SECRET + name));
    return all;
  }
}
