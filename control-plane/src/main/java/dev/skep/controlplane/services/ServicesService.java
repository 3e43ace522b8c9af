package dev.skep.controlplane.services;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.ServiceTakes;
import dev.skep.controlplane.state.EventWriter;
import dev.skep.controlplane.state.Failpoint;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.controlplane.workload.VolumeRules;
import dev.skep.controlplane.workload.Wanted;
import dev.skep.v1.CreateServiceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** What users do with services; each use case is one transaction. Images are resolved before it. */
final class ServicesService {
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Database database;
  private final Supplier<UUID> ids;
  private final ImageResolver images;
  private final NewServices creation;
  private final Funds funds;

  ServicesService(
      Database database,
      Supplier<UUID> ids,
      ImageResolver images,
      NetworkAllocator networks,
      Funds funds) {
    this.database = database;
    this.ids = ids;
    this.images = images;
    this.creation = new NewServices(ids, images, networks, funds);
    this.funds = funds;
  }

  ServiceRecord create(OrganizationId organization, CreateServiceRequest request) {
    List<FieldViolation> wrong = new ArrayList<>(SpecRules.name(request.getName()));
    wrong.addAll(SpecFields.check(request.getSpec()));
    UUID requestId = CreateRequests.id(request.getRequestId(), wrong);
    Draft draft = Draft.of(request.getSpec(), wrong);
    checkSecrets(organization, draft.spec());
    NewServices.Once once = new NewServices.Once(requestId, Digests.sha256(request.toByteArray()));
    NewServices.Ready ready = creation.ready(request.getName(), draft);
    return committed(
        handle -> {
          SecretTurn.releasing(handle, organization);
          List<ServiceId> earlier = creation.earlier(handle, organization, once);
          List<ServiceId> made =
              earlier.isEmpty()
                  ? creation.write(handle, organization, List.of(ready), once, Amounts.NOTHING)
                  : earlier;
          return new ServiceStore(handle, organization).get(made.getFirst().toString());
        });
  }

  ServiceRecord update(OrganizationId organization, SpecUpdate update) {
    Prepared prepared = prepare(organization, update);
    Draft draft = prepared.draft();
    return release(
        organization,
        update.service(),
        (current, writer) -> {
          checkUnchanged(prepared, update, current);
          if (!draft.policy().equals(current.policy())) {
            writer.policy(current.id(), draft.policy());
          }
          if (prepared.isAlready(current.release())
              && !(update.touchesImage() && writer.secretsAreOld(current))) {
            scaleTo(current, writer, draft.replicas());
            return;
          }
          writer.scale(current.id(), draft.replicas());
          ReleaseId release = writer.release(current.id(), draft.spec(), prepared.digest());
          // A stopped service takes the change and stays stopped.
          if (current.wanted() == Wanted.RUNNING) {
            writer.deploy(current.id(), release, "updated");
          }
        });
  }

  /** Rolls out what the tag of its image, or of another one, means now. */
  ServiceRecord deploy(OrganizationId organization, String service, String image) {
    SpecUpdate update = SpecUpdate.ofImage(get(organization, service), image);
    Prepared prepared = prepare(organization, update);
    return release(
        organization,
        update.service(),
        (current, writer) -> {
          checkUnchanged(prepared, update, current);
          Draft draft = prepared.draft();
          ReleaseId release =
              prepared.isAlready(current.release())
                  ? writer.withNewestSecrets(current)
                  : writer.release(current.id(), draft.spec(), prepared.digest());
          if (current.wanted() == Wanted.RUNNING) {
            writer.deploy(current.id(), release, "deployed");
          }
        });
  }

  /** What was read before the image was resolved must still be what is changed. */
  private static void checkUnchanged(Prepared prepared, SpecUpdate update, ServiceRecord current) {
    if (current.version() != prepared.before().version() || !update.etagMatches(current)) {
      throw new Refusal(
          Reason.ETAG_MISMATCH,
          "the service was changed by somebody else; read it again and repeat the update");
    }
  }

  /** An update that breaks no rule, its image resolved, on the service as it was read. */
  record Prepared(ServiceRecord before, Draft draft, String digest) {
    /** Whether a release is what it asks for, so that there is nothing to roll out. */
    boolean isAlready(Release release) {
      return digest.equals(release.imageDigest()) && draft.spec().equals(release.spec());
    }
  }

  /** All of an update but the writing. */
  Prepared prepare(OrganizationId organization, SpecUpdate update) {
    Refusal.ifAny(update.wrongPaths());
    ServiceRecord before = get(organization, update.service());
    Draft draft = Draft.of(update.apply(before), SpecFields.check(update.spec()));
    checkSecrets(organization, draft.spec());
    boolean sameWorkload = draft.spec().equals(before.release().spec()) && !update.touchesImage();
    return new Prepared(
        before,
        draft,
        sameWorkload ? before.release().imageDigest() : images.digest(draft.spec().image()));
  }

  /**
   * Whether the secrets of a spec are there, before anybody asks a registry for its image.
   *
   * @throws Refusal INVALID_FIELD
   */
  void checkSecrets(OrganizationId organization, ServiceSpec spec) {
    if (!spec.secrets().isEmpty()) {
      database.inReadTransaction(
          handle -> {
            new SecretPins(handle, organization).check(spec);
            return true;
          });
    }
  }

  /**
   * Whether the organization may take what a service would, were this its spec, and can pay for it.
   *
   * @throws Refusal QUOTA_EXCEEDED, INSUFFICIENT_FUNDS
   */
  void checkAdmission(
      OrganizationId organization, ServiceId service, ServiceSpec spec, int replicas) {
    database.inReadTransaction(
        handle -> {
          Amounts planned = ServiceTakes.planned(handle, service, spec, replicas);
          Amounts more = planned.minus(ServiceTakes.of(handle, service));
          Quota.check(handle, organization, more);
          funds.check(handle, organization, more);
          return true;
        });
  }

  /**
   * The cluster that a new service would go to.
   *
   * @throws Refusal NAME_TAKEN
   */
  ClusterId clusterForNew(OrganizationId organization, String name) {
    return database.inReadTransaction(
        handle -> {
          new ServiceWriter(handle, organization, ids).checkFree(name);
          return NewServices.defaultCluster(handle);
        });
  }

  ServiceRecord scale(OrganizationId organization, String service, int replicas) {
    Refusal.ifAny(SpecRules.replicas("replicas", replicas));
    return change(
        organization,
        service,
        (current, writer) -> {
          Refusal.ifAny(VolumeRules.replicas("replicas", replicas, current.release().spec()));
          scaleTo(current, writer, replicas);
        });
  }

  /** Makes an earlier release the target; 0 for the one before the current one. */
  ServiceRecord rollBack(OrganizationId organization, String service, int number) {
    return change(
        organization,
        service,
        (current, writer) -> {
          KeptRelease back = writer.releaseToRollBackTo(current, number);
          if (back.volumes() > 0 && current.replicas() > 1) {
            throw Refusal.ofField(
                Reason.INVALID_FIELD,
                "release_number",
                "release "
                    + back.number()
                    + " has a volume, which has a single writer; scale the service to 1 replica"
                    + " first");
          }
          writer.target(current.id(), back.id());
          writer.deploy(current.id(), back.id(), "rolled back to release " + back.number());
        });
  }

  /** Lets a replica start elsewhere with empty volumes. */
  ServiceRecord abandonData(OrganizationId organization, String service) {
    return change(
        organization,
        service,
        (current, writer) -> {
          String worker = writer.workerToAbandon(current);
          writer.update(current.id(), "abandon_requested_at = now()");
          event(
              current,
              writer,
              "data_abandoned",
              "It may start elsewhere with empty volumes; the data stays on worker " + worker);
        });
  }

  /** Lets replicas leave lost workers although the policy does not. */
  ServiceRecord migrate(OrganizationId organization, String service) {
    return change(
        organization,
        service,
        (current, writer) -> {
          if (!current.release().spec().volumes().isEmpty()) {
            throw new Refusal(
                Reason.DATA_STAYS,
                "the data of its volumes does not move: wait for its worker, or start elsewhere"
                    + " with empty volumes: skep services migrate "
                    + current.name()
                    + " --abandon-data");
          }
          writer.update(current.id(), "migrate_requested_at = now()");
          event(current, writer, "migration_requested", "Its replicas may leave lost workers");
        });
  }

  /** Wishes the end of a deployment; the leader does the rest. */
  void cancel(OrganizationId organization, String service, String deployment) {
    change(
        organization,
        service,
        (current, writer) -> {
          String id = deployment.equals("current") ? current.activeDeployment() : deployment;
          if (!UUID_TEXT.matcher(id).matches()
              || !writer.cancel(current.id(), UUID.fromString(id))) {
            throw new Refusal(
                Reason.DEPLOYMENT_ENDED,
                "there is no such deployment under way; see: skep deployments ls "
                    + current.name());
          }
        });
  }

  ServiceRecord stop(OrganizationId organization, String service) {
    return change(
        organization,
        service,
        (current, writer) -> {
          if (current.wanted() == Wanted.RUNNING) {
            writer.update(current.id(), "wanted = 'STOPPED'");
            event(current, writer, "service_stopped", "The service was stopped");
          }
          writer.stayStopped(current.id());
        });
  }

  ServiceRecord start(OrganizationId organization, String service) {
    return release(
        organization,
        service,
        (current, writer) -> {
          if (current.wanted() == Wanted.STOPPED) {
            writer.update(current.id(), "wanted = 'RUNNING', suspended_at = null");
            writer.deploy(current.id(), writer.withNewestSecrets(current), "started");
          }
        });
  }

  ServiceRecord restart(OrganizationId organization, String service) {
    return release(
        organization,
        service,
        (current, writer) -> {
          writer.update(
              current.id(),
              "wanted = 'RUNNING', suspended_at = null, restart_generation = restart_generation + 1");
          writer.deploy(current.id(), writer.withNewestSecrets(current), "restarted");
        });
  }

  /** Deleting again is fine. */
  void delete(OrganizationId organization, String service) {
    database.useTransaction(
        handle -> {
          ServiceRecord current = new ServiceStore(handle, organization).lock(service);
          if (current.wanted() == Wanted.DELETED) {
            return;
          }
          ServiceWriter writer = new ServiceWriter(handle, organization, ids);
          Amounts before = ServiceTakes.of(handle, current.id());
          writer.update(current.id(), "wanted = 'DELETED'");
          event(current, writer, "service_deleted", "The service was deleted");
          writer.announce(current.id());
          take(handle, organization, current.id(), before);
        });
  }

  ServiceRecord get(OrganizationId organization, String service) {
    return read(organization, store -> store.get(service));
  }

  <T> T read(OrganizationId organization, Function<ServiceStore, T> query) {
    return database.inReadTransaction(
        handle -> query.apply(new ServiceStore(handle, organization)));
  }

  /** A change of what is wanted of one service. */
  private interface Edit {
    void apply(ServiceRecord current, ServiceWriter writer);
  }

  private ServiceRecord change(OrganizationId organization, String service, Edit edit) {
    return committed(handle -> changed(handle, organization, service, edit));
  }

  /** A change that may make a release. */
  private ServiceRecord release(OrganizationId organization, String service, Edit edit) {
    return committed(
        handle -> {
          SecretTurn.releasing(handle, organization);
          return changed(handle, organization, service, edit);
        });
  }

  private ServiceRecord changed(
      Handle handle, OrganizationId organization, String service, Edit edit) {
    ServiceStore store = new ServiceStore(handle, organization);
    ServiceRecord current = store.lock(service);
    if (current.wanted() == Wanted.DELETED) {
      throw new Refusal(
          Reason.SERVICE_DELETING, "the service \"" + current.name() + "\" is being deleted");
    }
    AuditTrail.before(
        SpecProtos.toProto(current.release().spec(), current.replicas(), current.policy()));
    ServiceWriter writer = new ServiceWriter(handle, organization, ids);
    Amounts before = ServiceTakes.of(handle, current.id());
    edit.apply(current, writer);
    writer.announce(current.id());
    take(handle, organization, current.id(), before);
    return store.get(current.id().toString());
  }

  /** The last thing of a transaction: others of the organization wait for its end from here on. */
  private void take(Handle handle, OrganizationId organization, ServiceId service, Amounts before) {
    Amounts more = ServiceTakes.of(handle, service).minus(before);
    Quota.reserve(handle, organization, more);
    funds.admit(handle, organization, more);
  }

  private ServiceRecord committed(Function<Handle, ServiceRecord> work) {
    ServiceRecord record = database.inTransaction(work);
    Database.afterCommit(Failpoint.SPEC_COMMITTED::hit);
    return record;
  }

  private static void scaleTo(ServiceRecord current, ServiceWriter writer, int replicas) {
    if (replicas == current.replicas()) {
      return;
    }
    writer.scale(current.id(), replicas);
    if (current.wanted() == Wanted.RUNNING) {
      DeploymentId scaling = writer.deploy(current.id(), current.release().id(), "scaled");
      writer.replicasBefore(scaling, current.replicas());
    }
  }

  private static void event(
      ServiceRecord current, ServiceWriter writer, String type, String message) {
    DeploymentId deployment = current.latest() == null ? null : current.latest().id();
    writer.event(current.id(), new EventWriter.Event(deployment, type, message));
  }
}
