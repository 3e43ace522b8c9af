package dev.skep.controlplane.quotas;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.state.NotificationWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What people do with quotas. */
final class QuotasService {
  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;
  private final ApiRates rates;

  QuotasService(Database database, Supplier<UUID> ids, InstantSource clock, ApiRates rates) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
    this.rates = rates;
  }

  List<Allowance> list(OrganizationId organization) {
    return database.read(handle -> new QuotaStore(handle).list(organization)).stream()
        .map(allowance -> counted(organization, allowance))
        .toList();
  }

  /** Calls are counted in memory. */
  private Allowance counted(OrganizationId organization, Allowance allowance) {
    return allowance.resource() == Resource.API_REQUESTS
        ? allowance.withUsed(rates.used(organization))
        : allowance;
  }

  /** Sets limits; {@code grace} is for those that are below what is used. */
  List<Allowance> update(
      OrganizationId organization, Map<Resource, @Nullable Long> limits, Duration grace) {
    return change(
        organization,
        limits.keySet(),
        grace,
        allowance -> allowance.withBase(limits.get(allowance.resource())));
  }

  /** Sets other limits for some time. */
  List<Allowance> override(
      OrganizationId organization,
      Map<Resource, @Nullable Long> limits,
      Instant until,
      String reason,
      String author) {
    return change(
        organization,
        limits.keySet(),
        QuotaStep.GRACE,
        allowance ->
            allowance.withInterim(
                new Interim(limits.get(allowance.resource()), until, reason, author)));
  }

  List<Allowance> endOverrides(OrganizationId organization, Set<Resource> resources) {
    return change(
        organization, resources, QuotaStep.GRACE, allowance -> allowance.withInterim(null));
  }

  SortedMap<Resource, @Nullable Long> defaults() {
    return database.read(handle -> new QuotaStore(handle).defaults());
  }

  SortedMap<Resource, @Nullable Long> updateDefaults(Map<Resource, @Nullable Long> limits) {
    return database.inTransaction(
        handle -> {
          QuotaStore store = new QuotaStore(handle);
          AuditTrail.before(QuotaProtos.defaults(store.defaults()));
          store.saveDefaults(limits);
          return store.defaults();
        });
  }

  private List<Allowance> change(
      OrganizationId organization,
      Set<Resource> resources,
      Duration grace,
      UnaryOperator<Allowance> edit) {
    Instant now = clock.instant();
    return database
        .inTransaction(
            handle -> {
              QuotaStore store = new QuotaStore(handle);
              List<Allowance> before = store.lock(organization);
              AuditTrail.before(QuotaProtos.list(before, now));
              before.stream()
                  .filter(allowance -> resources.contains(allowance.resource()))
                  .map(allowance -> QuotaStep.of(edit.apply(allowance), now, grace))
                  .forEach(step -> write(handle, organization, step));
              return store.list(organization);
            })
        .stream()
        .map(allowance -> counted(organization, allowance))
        .toList();
  }

  private void write(Handle handle, OrganizationId organization, QuotaStep step) {
    new QuotaStore(handle).save(organization, step.after());
    tell(handle, ids, organization, step);
  }

  static void tell(Handle handle, Supplier<UUID> ids, OrganizationId organization, QuotaStep step) {
    for (QuotaStep.Notice notice : step.notices()) {
      NotificationWriter.append(
          handle,
          ids.get(),
          new Notification(
              organization,
              notice.severity(),
              notice.type(),
              step.after().resource().word(),
              notice.message()));
    }
  }
}
