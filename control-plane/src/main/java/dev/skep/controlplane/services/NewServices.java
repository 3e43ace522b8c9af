package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.ServiceTakes;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Makes services in somebody's transaction, as everybody does who makes some. */
public final class NewServices {
  private final Supplier<UUID> ids;
  private final ImageResolver images;
  private final NetworkAllocator networks;
  private final Funds funds;

  NewServices(Supplier<UUID> ids, ImageResolver images, NetworkAllocator networks, Funds funds) {
    this.ids = ids;
    this.images = images;
    this.networks = networks;
    this.funds = funds;
  }

  /** A service that breaks no rule, and whose image is resolved. */
  public static final class Ready {
    private final String name;
    private final Draft draft;
    private final String digest;

    private Ready(String name, Draft draft, String digest) {
      this.name = name;
      this.draft = draft;
      this.digest = digest;
    }
  }

  /** A request that a client may send again. */
  public record Once(@Nullable UUID requestId, byte[] hash) {}

  /** What is wrong with a service, by the fields of a request to create it. */
  public static List<FieldViolation> wrong(String name, ServiceSpec spec) {
    List<FieldViolation> wrong = new ArrayList<>(SpecRules.name(name));
    wrong.addAll(SpecFields.check(spec));
    var _ = Draft.read(spec, wrong);
    return wrong;
  }

  /** The id that a client gave to a request; what is none of ours goes to {@code wrong}. */
  public static @Nullable UUID requestId(String text, List<FieldViolation> wrong) {
    return CreateRequests.id(text, wrong);
  }

  /**
   * All of a creation but the writing; asks the registry, so it belongs before the transaction.
   *
   * @throws dev.skep.controlplane.kernel.Refusal for whatever is wrong with it
   */
  public Ready ready(String name, ServiceSpec spec) {
    List<FieldViolation> wrong = new ArrayList<>(SpecRules.name(name));
    wrong.addAll(SpecFields.check(spec));
    return ready(name, Draft.of(spec, wrong));
  }

  Ready ready(String name, Draft draft) {
    return new Ready(name, draft, images.digest(draft.spec().image()));
  }

  /**
   * What the same request made before; to be asked behind {@link SecretTurn}.
   *
   * @throws dev.skep.controlplane.kernel.Refusal REQUEST_ID_REUSED
   */
  public List<ServiceId> earlier(Handle handle, OrganizationId organization, Once once) {
    Optional<ServiceRecord> first =
        CreateRequests.earlier(handle, organization, once.requestId, once.hash);
    return first.isEmpty()
        ? List.of()
        : new ServiceStore(handle, organization).byRequestHash(once.hash);
  }

  /**
   * Writes services with their first deployments, and takes what they need, all or nothing. The
   * last thing of a transaction: others of the organization wait for its end from here on.
   *
   * @param more what else the transaction takes
   * @throws dev.skep.controlplane.kernel.Refusal NAME_TAKEN, QUOTA_EXCEEDED, INSUFFICIENT_FUNDS
   */
  public List<ServiceId> write(
      Handle handle, OrganizationId organization, List<Ready> services, Once once, Amounts more) {
    ClusterId cluster = defaultCluster(handle);
    ServiceWriter writer = new ServiceWriter(handle, organization, ids);
    List<ServiceId> made = new ArrayList<>();
    Amounts takes = more;
    for (Ready service : services) {
      // The others are found by the hash, which holds the request's id.
      UUID requestId = made.isEmpty() ? once.requestId : null;
      ServiceId id = write(writer, service, cluster, new Once(requestId, once.hash));
      made.add(id);
      takes = takes.plus(ServiceTakes.of(handle, id));
    }
    networks.ensure(handle, organization, cluster);
    Quota.reserve(handle, organization, takes);
    funds.admit(handle, organization, takes);
    return made;
  }

  private static ServiceId write(
      ServiceWriter writer, Ready service, ClusterId cluster, Once once) {
    ServiceId id =
        writer.create(
            new ServiceWriter.NewService(
                service.name,
                service.draft.replicas(),
                service.draft.policy(),
                once.requestId,
                once.hash),
            cluster);
    writer.deployNew(id, writer.release(id, service.draft.spec(), service.digest));
    writer.announce(id);
    return id;
  }

  /** As the API shows them. */
  public static List<Service> show(
      Handle handle, OrganizationId organization, List<ServiceId> services) {
    ServiceStore store = new ServiceStore(handle, organization);
    List<ServiceRecord> records = services.stream().map(id -> store.get(id.toString())).toList();
    ServiceProtos protos = new ServiceProtos(store.workers(records));
    return records.stream().map(protos::service).toList();
  }

  /** What who makes it should know, in sentences. */
  public static List<String> warnings(Ready service) {
    return warnings(service.name, service.draft.spec());
  }

  static List<String> warnings(String name, dev.skep.controlplane.workload.ServiceSpec spec) {
    return spec.interruption().map(why -> "The service " + name + " " + why).stream().toList();
  }

  static ClusterId defaultCluster(Handle handle) {
    return handle
        .createQuery("select id from clusters where name = 'default'")
        .mapTo(UUID.class)
        .map(ClusterId::new)
        .one();
  }
}
