package dev.skep.testbed;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerSpec;
import com.github.dockerjava.api.model.EndpointResolutionMode;
import com.github.dockerjava.api.model.EndpointSpec;
import com.github.dockerjava.api.model.NetworkAttachmentConfig;
import com.github.dockerjava.api.model.ServiceModeConfig;
import com.github.dockerjava.api.model.ServiceReplicatedModeOptions;
import com.github.dockerjava.api.model.ServiceSpec;
import com.github.dockerjava.api.model.SwarmNodeState;
import com.github.dockerjava.api.model.SwarmSpec;
import com.github.dockerjava.api.model.Task;
import com.github.dockerjava.api.model.TaskSpec;
import com.github.dockerjava.api.model.TaskState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The hosts of a lab as one Swarm; the first is its manager. */
final class TestSwarm implements AutoCloseable {

  private final DockerClient manager;

  TestSwarm(Lab lab) {
    var first = lab.hosts().getFirst();
    manager = first.docker();
    manager.initializeSwarmCmd(new SwarmSpec()).withAdvertiseAddr(first.address()).exec();
    var token = requireNonNull(manager.inspectSwarmCmd().exec().getJoinTokens()).getWorker();
    for (var host : lab.hosts().subList(1, lab.hosts().size())) {
      try (var worker = host.docker()) {
        worker
            .joinSwarmCmd()
            .withRemoteAddrs(List.of(first.address()))
            .withAdvertiseAddr(host.address())
            .withJoinToken(token)
            .exec();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  DockerClient manager() {
    return manager;
  }

  void createNetwork(String name) {
    manager.createNetworkCmd().withName(name).withDriver("overlay").withAttachable(true).exec();
  }

  void createService(String name, String image, String network, int replicas) {
    var task =
        new TaskSpec()
            .withContainerSpec(new ContainerSpec().withImage(image))
            .withNetworks(List.of(new NetworkAttachmentConfig().withTarget(network)));
    manager
        .createServiceCmd(
            new ServiceSpec()
                .withName(name)
                .withTaskTemplate(task)
                .withEndpointSpec(new EndpointSpec().withMode(EndpointResolutionMode.DNSRR))
                .withMode(
                    new ServiceModeConfig()
                        .withReplicated(new ServiceReplicatedModeOptions().withReplicas(replicas))))
        .exec();
  }

  /** The nodes on which the service runs. */
  Set<String> nodesOf(String service) {
    return manager.listTasksCmd().withServiceFilter(service).exec().stream()
        .filter(task -> requireNonNull(task.getStatus()).getState() == TaskState.RUNNING)
        .map(Task::getNodeId)
        .collect(Collectors.toSet());
  }

  void awaitNode(String host, SwarmNodeState state) {
    Await.seconds(40)
        .until("node %s is %s".formatted(host, state), () -> stateOf(host), state::equals);
  }

  @Override
  public void close() throws IOException {
    manager.close();
  }

  private @Nullable SwarmNodeState stateOf(String host) {
    return manager.listSwarmNodesCmd().exec().stream()
        .filter(node -> host.equals(requireNonNull(node.getDescription()).getHostname()))
        .map(node -> requireNonNull(node.getStatus()).getState())
        .findFirst()
        .orElse(null);
  }
}
