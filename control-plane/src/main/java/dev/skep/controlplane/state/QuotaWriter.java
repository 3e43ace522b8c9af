package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.ServiceTakes;
import dev.skep.controlplane.reconcile.ServiceChange;
import dev.skep.controlplane.reconcile.ServiceView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Lets quotas follow what the leader changes of services by itself. */
final class QuotaWriter {
  private final List<UUID> changed = new ArrayList<>();
  private final List<UUID> purged = new ArrayList<>();
  private final Map<OrganizationId, Amounts> deltas = new HashMap<>();

  void add(ServiceView view, ServiceChange change) {
    switch (change) {
      case ServiceChange.GoBack g -> changed.add(view.id().value());
      case ServiceChange.Stop s -> changed.add(view.id().value());
      case ServiceChange.ScaleBack s -> changed.add(view.id().value());
      case ServiceChange.LeaveVolumes l -> changed.add(view.id().value());
      case ServiceChange.Purge p -> purged.add(view.id().value());
      case ServiceChange.Proven p -> {}
      case ServiceChange.StayWithVolumes s -> {}
      case ServiceChange.WaitFor w -> {}
    }
  }

  /** Before anything is written. */
  void begin(Handle handle) {
    ServiceTakes.of(handle, changed).forEach(this::giveBack);
    ServiceTakes.withoutData(handle, purged).forEach(this::giveBack);
  }

  /** After everything is written, because users wait for these rows. */
  void finish(Handle handle) {
    ServiceTakes.of(handle, changed)
        .forEach((o, amounts) -> deltas.merge(o, amounts, Amounts::plus));
    Quota.adjust(handle, deltas);
  }

  private void giveBack(OrganizationId organization, Amounts amounts) {
    deltas.merge(organization, Amounts.NOTHING.minus(amounts), Amounts::plus);
  }
}
