package dev.skep.agent.engine;

import dev.skep.agent.task.Observed;
import dev.skep.agent.task.SecretBytes;
import dev.skep.agent.task.ServiceSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The container engine of this machine. Every call has a deadline and throws {@link EngineFailure};
 * calls that change something are safe to repeat after looking again.
 */
public interface Engine {
  /** Version, abilities, and its place in a Swarm. */
  EngineInfo info();

  /** Membership of a Swarm. */
  Membership membership();

  /** The Swarm and its nodes. */
  Swarm swarm();

  /** Services, networks and tasks of the Swarm; only a manager answers. */
  Cluster cluster();

  /** Images of this machine. */
  Images images();

  /** Secrets of the Swarm; only a manager answers. */
  Secrets secrets();

  /** Volumes of this machine. */
  Volumes volumes();

  /** Containers of this machine that carry our label, running or not. */
  List<Observed.Container> localContainers();

  /** Asks a container to end and kills it after a while; returns when it has ended. */
  void stopContainer(String id, Duration grace);

  /**
   * Blocks and passes on a word for every event of a container, service, node or network; returns
   * when the engine closes the stream. Events are hints: some are lost.
   */
  void watch(Instant since, Consumer<EngineEvent> each);

  /** Changes of membership. */
  interface Membership {
    /** Makes a new Swarm with this node as its manager. */
    void init(String advertiseAddress);

    void join(String advertiseAddress, List<String> managers, String token);

    /** Leaves whatever Swarm it is in, also as a manager, and whatever ran here for it ends. */
    void leave();

    /** Makes this manager the only one, with all that its Swarm has. */
    void recover(String advertiseAddress);
  }

  /** The Swarm itself and its nodes; only a manager answers. */
  interface Swarm {
    SwarmSettings settings();

    /** Writes on the Swarm who changes it; refused when somebody else wrote since it was read. */
    void claim(long ownerEpoch);

    List<Observed.Node> nodes();

    void assignRole(String nodeId, NodeRole role);

    /** Forgets a node that is down and no manager. */
    void removeNode(String nodeId);
  }

  /** What a node does for the Swarm. */
  enum NodeRole {
    MANAGER,
    WORKER
  }

  /**
   * What stands on the Swarm.
   *
   * @param workerJoinToken lets machines in; only a manager knows it
   * @param ownerEpoch 0 when nobody wrote any
   */
  record SwarmSettings(String workerJoinToken, long ownerEpoch) {
    @Override
    public String toString() {
      return "SwarmSettings[ownerEpoch=" + ownerEpoch + "]";
    }
  }

  /** Objects of the whole Swarm. */
  interface Cluster {
    List<Observed.Service> services();

    Optional<Observed.Service> service(String idOrName);

    /** Returns its id. */
    String createService(ServiceSpec spec);

    /** Replaces the whole spec if the service is still at that version. */
    void updateService(String id, long version, ServiceSpec spec);

    void removeService(String id);

    List<Observed.Task> tasks();

    List<Observed.Network> networks();

    /** Returns its id. */
    String createNetwork(String name, String subnet, Map<String, String> labels);

    void removeNetwork(String id);
  }

  /** Secrets of the Swarm. They cannot be changed, nor read by anybody but containers. */
  interface Secrets {
    /** Those that carry our label. */
    List<Observed.Secret> all();

    /** Returns its id. */
    String create(String name, Map<String, String> labels, SecretBytes value);

    /** Refused while a service names it. */
    void remove(String id);
  }

  /** Images by their whole names: registry/name@sha256:…. */
  interface Images {
    /** All that have such a name; one call, however many there are. */
    Set<String> names();

    boolean has(String name);

    /** Returns when it is there. Takes minutes, but not for ever, and not without progress. */
    void pull(String name);

    /** Removes this name, and the image with its last one; refused while a container uses it. */
    void remove(String name);
  }

  /** Local volumes; the engine makes them with the first container that names them. */
  interface Volumes {
    Set<String> names();

    /** Removes it with its data; refused while any container has it, running or not. */
    void remove(String name);
  }

  /** What an engine is. */
  record EngineInfo(String version, ApiVersion api, Observed.Swarm swarm) {}

  /** Something happened to an object. */
  record EngineEvent(String type, String action, String placementId) {}
}
