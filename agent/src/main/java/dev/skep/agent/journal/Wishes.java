package dev.skep.agent.journal;

import dev.skep.agent.task.Desired;
import dev.skep.agent.task.SecretBytes;
import dev.skep.agent.task.Workload;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.Network;
import dev.skep.agent.v1.Placement;
import dev.skep.agent.v1.Probe;
import dev.skep.agent.v1.Secret;
import dev.skep.agent.v1.SwarmControl;
import dev.skep.agent.v1.SwarmMembership;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** From the words of the protocol to those of the rules. */
final class Wishes {
  private Wishes() {}

  static Desired of(Assignment a) {
    return switch (a.getObjectCase()) {
      case SWARM -> swarm(a, a.getSwarm());
      case NETWORK -> network(a, a.getNetwork());
      case PLACEMENT -> placement(a, a.getPlacement());
      case IMAGE -> new Desired.Image(a.getId(), a.getGeneration(), a.getImage().getImage());
      case CONTROL -> control(a, a.getControl());
      case VOLUME_REMOVAL ->
          new Desired.NoVolume(a.getId(), a.getGeneration(), a.getVolumeRemoval().getObjectName());
      case SECRET -> secret(a, a.getSecret());
      case OBJECT_NOT_SET -> new Desired.Unknown(a.getId(), a.getGeneration());
    };
  }

  private static Desired swarm(Assignment a, SwarmMembership swarm) {
    return new Desired.Swarm(
        a.getId(),
        a.getGeneration(),
        List.copyOf(swarm.getManagerAddressesList()),
        swarm.getJoinToken(),
        swarm.getForgetNodeId(),
        swarm.getRecover());
  }

  private static Desired control(Assignment a, SwarmControl control) {
    return new Desired.Control(
        a.getId(),
        a.getGeneration(),
        control.getOwnerEpoch(),
        Set.copyOf(control.getManagerNodeIdsList()),
        Set.copyOf(control.getWorkerNodeIdsList()),
        Set.copyOf(control.getGoneNodeIdsList()));
  }

  private static Desired network(Assignment a, Network network) {
    return new Desired.Network(
        a.getId(),
        a.getGeneration(),
        network.getNetworkId(),
        network.getOrganizationId(),
        network.getObjectName(),
        network.getSubnet());
  }

  private static Desired secret(Assignment a, Secret secret) {
    return new Desired.Secret(
        a.getId(),
        a.getGeneration(),
        secret.getSecretId(),
        secret.getOrganizationId(),
        secret.getObjectName(),
        SecretBytes.of(secret.getValue().toByteArray()));
  }

  private static Desired placement(Assignment a, Placement p) {
    return new Desired.Placement(
        a.getId(),
        a.getGeneration(),
        p.getPlacementId(),
        p.getOrganizationId(),
        p.getServiceId(),
        p.getServiceName(),
        p.getReleaseId(),
        p.getObjectName(),
        p.getNodeId(),
        Integer.toUnsignedLong(p.getReplicas()),
        p.getNetworkObjectName(),
        p.getEndpointMode(),
        p.getRestartGeneration(),
        p.getStopFirst(),
        p.getMaxParallel(),
        workload(p.getWorkload()));
  }

  private static Workload workload(dev.skep.agent.v1.Workload w) {
    return new Workload(
        w.getImage(),
        List.copyOf(w.getCommandList()),
        List.copyOf(w.getArgsList()),
        Map.copyOf(w.getEnvMap()),
        w.getCpuMillis(),
        w.getMemoryBytes(),
        w.getPortsList().stream()
            .map(
                p ->
                    new Workload.Port(
                        Integer.toUnsignedLong(p.getContainerPort()),
                        Integer.toUnsignedLong(p.getHostPort()),
                        p.getProtocol()))
            .toList(),
        w.hasProbe() ? probe(w.getProbe()) : Optional.empty(),
        duration(w.getStopGracePeriod()),
        w.getMountsList().stream()
            .map(
                m -> new Workload.Mount(m.getType(), m.getSource(), m.getTarget(), m.getVolumeId()))
            .toList(),
        List.copyOf(w.getCapabilitiesList()),
        w.getPrivileged(),
        w.getSecretFilesList().stream()
            .map(
                f ->
                    new Workload.SecretFile(
                        f.getObjectName(),
                        f.getPath(),
                        Integer.toUnsignedLong(f.getMode()),
                        Integer.toUnsignedLong(f.getUid()),
                        Integer.toUnsignedLong(f.getGid())))
            .toList(),
        List.copyOf(w.getUnreadableSecretsList()));
  }

  private static Optional<Workload.Probe> probe(Probe p) {
    Optional<Workload.Check> check =
        switch (p.getKindCase()) {
          case HTTP ->
              Optional.of(
                  new Workload.Check.Http(
                      Integer.toUnsignedLong(p.getHttp().getPort()), p.getHttp().getPath()));
          case TCP ->
              Optional.of(new Workload.Check.Tcp(Integer.toUnsignedLong(p.getTcp().getPort())));
          case COMMAND ->
              Optional.of(new Workload.Check.Command(List.copyOf(p.getCommand().getArgvList())));
          case KIND_NOT_SET -> Optional.empty();
        };
    return check.map(
        c ->
            new Workload.Probe(
                c,
                duration(p.getInterval()),
                duration(p.getTimeout()),
                Integer.toUnsignedLong(p.getRetries()),
                duration(p.getStartPeriod())));
  }

  private static Duration duration(com.google.protobuf.Duration d) {
    return Duration.ofSeconds(d.getSeconds(), d.getNanos());
  }
}
