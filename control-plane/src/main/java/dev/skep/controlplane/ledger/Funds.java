package dev.skep.controlplane.ledger;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Resource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Whether the wallet carries what an organization wants. It is asked behind the quota: whoever has
 * reserved holds the organization's rows, so two changes never count on the same money.
 */
public final class Funds {
  private static final List<Resource> COSTS =
      List.of(Resource.REPLICAS, Resource.CPU, Resource.MEMORY, Resource.STORAGE);

  private final boolean charging;

  /** {@code charging}: else everything is for free. */
  public Funds(boolean charging) {
    this.charging = charging;
  }

  public boolean charging() {
    return charging;
  }

  /**
   * Lets a change go on that was reserved in this transaction.
   *
   * @param more what it takes; what it gives back is never refused
   * @throws Refusal INSUFFICIENT_FUNDS saying what is missing
   */
  public void admit(Handle handle, OrganizationId organization, Amounts more) {
    carry(handle, organization, more, Amounts.NOTHING);
  }

  /**
   * For somebody who only wants to know: nothing of it is reserved.
   *
   * @throws Refusal INSUFFICIENT_FUNDS saying what is missing
   */
  public void check(Handle handle, OrganizationId organization, Amounts more) {
    carry(handle, organization, more, more);
  }

  private void carry(
      Handle handle, OrganizationId organization, Amounts more, Amounts notReserved) {
    if (!charging || COSTS.stream().noneMatch(resource -> more.of(resource) > 0)) {
      return;
    }
    Wallet wallet = Wallets.read(handle, organization);
    if (wallet.owed() > 0) {
      throw new Refusal(
          Reason.INSUFFICIENT_FUNDS,
          "the organization owes "
              + wallet.money(wallet.owed())
              + "; pay it first (skep billing topup)");
    }
    long hour =
        PriceLists.now(handle, wallet.currency())
            .map(p -> hour(p, reserved(handle, organization).plus(notReserved)))
            .orElse(0L);
    if (hour > wallet.available()) {
      throw new Refusal(
          Reason.INSUFFICIENT_FUNDS,
          "one hour of all services with this costs "
              + wallet.money(hour)
              + ", the wallet carries "
              + wallet.money(wallet.available())
              + ": "
              + wallet.money(hour - wallet.available())
              + " is missing; top it up (skep billing topup) or stop something");
    }
  }

  /** What an hour costs of all that is reserved. */
  public static long hour(Handle handle, OrganizationId organization, PriceList prices) {
    return hour(prices, reserved(handle, organization));
  }

  private static long hour(PriceList prices, Amounts all) {
    return prices.hour(
        all.of(Resource.REPLICAS),
        all.of(Resource.CPU),
        all.of(Resource.MEMORY),
        all.of(Resource.STORAGE));
  }

  private static Amounts reserved(Handle handle, OrganizationId organization) {
    Map<Resource, Long> used = new EnumMap<>(Resource.class);
    handle
        .createQuery(
            "select resource, used from quotas where organization_id = :id and resource = any(:resources)")
        .bind("id", organization.value())
        .bind("resources", COSTS.stream().map(Enum::name).toArray(String[]::new))
        .map(
            (row, c) -> Map.entry(Resource.valueOf(row.getString("resource")), row.getLong("used")))
        .forEach(entry -> used.put(entry.getKey(), entry.getValue()));
    return new Amounts(used);
  }
}
