package dev.skep.testbed.e2e;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.skep.testbed.Await;
import dev.skep.testbed.Lab;
import dev.skep.testbed.LabHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The engines of a lab, asked without the product: an independent witness. */
final class Engines implements AutoCloseable {
  /** What the agent marks its objects with; written out, so that a renamed label is noticed. */
  static final String SERVICE_LABEL = "dev.skep.service";

  private static final String NETWORK_LABEL = "dev.skep.network";

  private final Map<String, DockerClient> clients = new LinkedHashMap<>();

  /** A container as its engine sees it. */
  record Running(String host, String id, String startedAt, String image) {}

  Engines(Lab lab) {
    for (LabHost host : lab.hosts()) {
      clients.put(host.name(), host.docker());
    }
  }

  DockerClient on(String host) {
    return requireNonNull(clients.get(host));
  }

  /** The running containers of a service, sorted by id. */
  List<Running> running(String serviceId) {
    return running(serviceId, clients.keySet());
  }

  /** The running containers of a service on some hosts, sorted by id. */
  List<Running> running(String serviceId, Collection<String> hosts) {
    var found = new TreeMap<String, Running>();
    hosts.forEach(
        host -> {
          var docker = on(host);
          for (var container :
              docker.listContainersCmd().withLabelFilter(Map.of(SERVICE_LABEL, serviceId)).exec()) {
            var state = docker.inspectContainerCmd(container.getId()).exec().getState();
            var startedAt = requireNonNull(state.getStartedAt());
            found.put(
                container.getId(),
                new Running(host, container.getId(), startedAt, container.getImage()));
          }
        });
    return List.copyOf(found.values());
  }

  /** How many containers of a service run on each host that has one. */
  Map<String, Integer> spread(String serviceId) {
    var spread = new TreeMap<String, Integer>();
    running(serviceId).forEach(container -> spread.merge(container.host(), 1, Integer::sum));
    return spread;
  }

  /** The Swarm services of a service. */
  List<com.github.dockerjava.api.model.Service> swarmServices(String serviceId) {
    return onManager().listServicesCmd().exec().stream()
        .filter(service -> serviceId.equals(label(service).orElse("")))
        .toList();
  }

  /** Names of the Swarm's secrets. */
  List<String> secrets() {
    return onManager().listSecretsCmd().exec().stream()
        .map(secret -> String.valueOf(requireNonNull(secret.getSpec()).getName()))
        .sorted()
        .toList();
  }

  /** Everything of ours that is in some engine, a word and a name each. */
  List<String> ours() {
    var found = new ArrayList<String>();
    clients.forEach(
        (host, docker) -> {
          for (var container : docker.listContainersCmd().withShowAll(true).exec()) {
            if (labels(container.getLabels()).containsKey(SERVICE_LABEL)) {
              found.add("container %s on %s".formatted(name(container), host));
            }
          }
          for (var network : docker.listNetworksCmd().exec()) {
            if (network.getName().startsWith("skep-")
                || labels(network.getLabels()).containsKey(NETWORK_LABEL)) {
              found.add("network %s on %s".formatted(network.getName(), host));
            }
          }
        });
    var manager = onManager();
    manager.listServicesCmd().exec().stream()
        .filter(service -> label(service).isPresent())
        .forEach(service -> found.add("service " + requireNonNull(service.getSpec()).getName()));
    secrets().forEach(secret -> found.add("secret " + secret));
    return found;
  }

  /** Nodes that Swarm calls ready. */
  int readyNodes() {
    return (int)
        onManager().listSwarmNodesCmd().exec().stream()
            .filter(
                node ->
                    requireNonNull(node.getStatus()).getState()
                        == com.github.dockerjava.api.model.SwarmNodeState.READY)
            .count();
  }

  DockerClient onManager() {
    return on(managerHost());
  }

  /** The host that manages the Swarm. */
  String managerHost() {
    return clients.entrySet().stream()
        .filter(host -> manages(host.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /** Hosts whose engines can change the Swarm. */
  List<String> managerHosts() {
    return clients.entrySet().stream()
        .filter(host -> manages(host.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The host that leads the managers of the Swarm. */
  String leaderHost() {
    return clients.entrySet().stream()
        .filter(host -> leads(host.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static boolean leads(DockerClient docker) {
    var swarm = requireNonNull(docker.infoCmd().exec().getSwarm());
    return manages(docker)
        && docker.listSwarmNodesCmd().exec().stream()
            .filter(node -> requireNonNull(node.getId()).equals(swarm.getNodeID()))
            .anyMatch(
                node ->
                    node.getManagerStatus() != null
                        && Boolean.TRUE.equals(node.getManagerStatus().isLeader()));
  }

  void awaitNothingOfOurs() {
    Await.seconds(90).until("no engine has anything of ours", this::ours, List::isEmpty);
  }

  @Override
  public void close() {
    for (var client : clients.values()) {
      try {
        client.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static boolean manages(DockerClient docker) {
    var swarm = docker.infoCmd().exec().getSwarm();
    return swarm != null && Boolean.TRUE.equals(swarm.getControlAvailable());
  }

  private static Optional<String> label(com.github.dockerjava.api.model.Service service) {
    return Optional.ofNullable(
        labels(requireNonNull(service.getSpec()).getLabels()).get(SERVICE_LABEL));
  }

  /** Engines leave out what is empty. */
  private static Map<String, String> labels(@Nullable Map<String, String> labels) {
    return labels == null ? Map.of() : labels;
  }

  private static String name(Container container) {
    return String.join(",", container.getNames());
  }
}
