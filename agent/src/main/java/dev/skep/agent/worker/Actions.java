package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.engine.SpecFingerprint;
import dev.skep.agent.task.Desired;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.NextStep.Accepted;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.ServiceSpec;
import dev.skep.agent.task.Step;
import java.util.Map;
import java.util.Optional;

/** Does one step on the engine. Repeating a step after a crash does no harm. */
final class Actions {
  private final Engine engine;
  private final Pulls pulls;
  private final String advertiseAddress;

  Actions(Engine engine, Pulls pulls, String advertiseAddress) {
    this.engine = engine;
    this.pulls = pulls;
    this.advertiseAddress = advertiseAddress;
  }

  /**
   * Does it.
   *
   * @param began runs when it will take its time
   */
  Outcome apply(Step step, Runnable began) {
    try {
      return switch (step) {
        case Step.CreateNetwork s -> createNetwork(s.network());
        case Step.RemoveNetwork s -> removeNetwork(s.network());
        case Step.CreateSecret s -> createSecret(s.secret());
        case Step.RemoveSecret s -> removeSecret(s.secret());
        case Step.CreateService s -> createService(s.spec());
        case Step.UpdateService s -> updateService(s);
        case Step.RemoveService s -> removeService(s.service());
        case Step.PullImage(String image) -> pulls.pull(image, began);
        case Step.RemoveImage(String image) -> pulls.remove(image);
        case Step.RemoveVolume(String name) -> removeVolume(name);
        case Step.InitSwarm s -> changed(() -> engine.membership().init(advertiseAddress));
        case Step.JoinSwarm s -> joinSwarm(s);
        case Step.LeaveSwarm s -> changed(() -> engine.membership().leave());
        case Step.RecoverSwarm s -> changed(() -> engine.membership().recover(advertiseAddress));
        case Step.ClaimSwarm(long epoch) -> changed(() -> engine.swarm().claim(epoch));
        case Step.PromoteNode(String node) -> role(node, Engine.NodeRole.MANAGER);
        case Step.DemoteNode(String node) -> role(node, Engine.NodeRole.WORKER);
        case Step.RemoveNode(String node) ->
            changed(() -> ignoreMissing(() -> engine.swarm().removeNode(node)));
        case Step.Settled s -> throw new IllegalArgumentException("nothing to do");
        case Step.Wait s -> throw new IllegalArgumentException("nothing to do");
        case Step.Refuse s -> throw new IllegalArgumentException("nothing to do");
      };
    } catch (EngineFailure e) {
      return new Outcome.Failed(e);
    }
  }

  private Outcome createNetwork(Desired.Network n) {
    var labels =
        Map.of(
            Labels.NETWORK, n.networkId(),
            Labels.ORGANIZATION, n.organizationId(),
            Labels.GENERATION, Long.toString(n.generation()));
    String id = engine.cluster().createNetwork(n.objectName(), n.subnet(), labels);
    return new Outcome.NetworkNow(
        Optional.of(new Observed.Network(id, n.objectName(), n.subnet(), labels)));
  }

  private Outcome removeNetwork(Observed.Network network) {
    ignoreMissing(() -> engine.cluster().removeNetwork(network.id()));
    return new Outcome.NetworkNow(Optional.empty());
  }

  private Outcome createSecret(Desired.Secret s) {
    var labels =
        Map.of(
            Labels.SECRET, s.secretId(),
            Labels.ORGANIZATION, s.organizationId(),
            Labels.GENERATION, Long.toString(s.generation()));
    try {
      String id = engine.secrets().create(s.objectName(), labels, s.value());
      return new Outcome.SecretNow(Optional.of(new Observed.Secret(id, s.objectName(), labels)));
    } catch (EngineFailure e) {
      // Perhaps an answer got lost; else the name is somebody else's.
      var there =
          e.code() == EngineFailure.Code.CONFLICT ? secret(s) : Optional.<Observed.Secret>empty();
      return new Outcome.SecretNow(Optional.of(there.orElseThrow(() -> e)));
    }
  }

  private Optional<Observed.Secret> secret(Desired.Secret wanted) {
    return engine.secrets().all().stream()
        .filter(s -> s.name().equals(wanted.objectName()))
        .findFirst();
  }

  private Outcome removeSecret(Observed.Secret secret) {
    ignoreMissing(() -> engine.secrets().remove(secret.id()));
    return new Outcome.SecretNow(Optional.empty());
  }

  private Outcome createService(ServiceSpec spec) {
    try {
      String id = engine.cluster().createService(spec);
      return now(id, spec);
    } catch (EngineFailure e) {
      if (e.code() != EngineFailure.Code.CONFLICT) {
        throw e;
      }
      return adopt(spec, e);
    }
  }

  /** The name is taken: by this placement, when an answer got lost, or by somebody else. */
  private Outcome adopt(ServiceSpec spec, EngineFailure conflict) {
    var there = engine.cluster().service(spec.name());
    boolean ours =
        there.map(s -> s.placementId().equals(spec.labels().get(Labels.PLACEMENT))).orElse(true);
    if (!ours) {
      throw new EngineFailure(
          EngineFailure.Code.CONFLICT,
          "a service named " + spec.name() + " is there that is not ours; remove or rename it",
          conflict);
    }
    return new Outcome.ServiceNow(there, Optional.empty());
  }

  private Outcome updateService(Step.UpdateService step) {
    var there = engine.cluster().service(step.serviceId());
    if (there.isEmpty() || there.get().generation() > step.generation()) {
      return new Outcome.ServiceNow(there, Optional.empty());
    }
    engine.cluster().updateService(step.serviceId(), there.get().version(), step.spec());
    return now(step.serviceId(), step.spec());
  }

  private Outcome now(String id, ServiceSpec sent) {
    var there = engine.cluster().service(id);
    return new Outcome.ServiceNow(
        there, there.map(s -> new Accepted(SpecFingerprint.of(sent).whole(), s.actual().whole())));
  }

  private Outcome removeService(Observed.Service service) {
    ignoreMissing(() -> engine.cluster().removeService(service.id()));
    return new Outcome.ServiceNow(Optional.empty(), Optional.empty());
  }

  private Outcome removeVolume(String name) {
    ignoreMissing(() -> engine.volumes().remove(name));
    return new Outcome.VolumeGone();
  }

  private Outcome joinSwarm(Step.JoinSwarm step) {
    engine.membership().join(advertiseAddress, step.managerAddresses(), step.joinToken());
    return new Outcome.SwarmChanged();
  }

  private Outcome role(String node, Engine.NodeRole role) {
    return changed(() -> engine.swarm().assignRole(node, role));
  }

  private static Outcome changed(Runnable change) {
    change.run();
    return new Outcome.SwarmChanged();
  }

  private static void ignoreMissing(Runnable removal) {
    try {
      removal.run();
    } catch (EngineFailure e) {
      if (e.code() != EngineFailure.Code.NOT_FOUND) {
        throw e;
      }
    }
  }
}
