package dev.skep.controlplane.billing;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.ledger.PriceList;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.BillingHour;
import dev.skep.v1.EstimateCostResponse;
import dev.skep.v1.GetUsageResponse;
import dev.skep.v1.Transaction;
import dev.skep.v1.TransactionKind;
import dev.skep.v1.Wallet;
import dev.skep.v1.WalletState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Money as messages. */
final class BillingProtos {
  static final int HOURS_A_DAY = 24;

  /** Of an average month. */
  static final int HOURS_A_MONTH = 730;

  private static final int HOUR = 3600;

  private BillingProtos() {}

  static Wallet wallet(BillingService.View view) {
    BillingStore.WalletRow row = view.wallet();
    Wallet.Builder wallet =
        Wallet.newBuilder()
            .setCurrency(row.currency())
            .setBalanceMicros(row.balance())
            .setOwedMicros(row.owed())
            .setFloorMicros(row.floor())
            .setState(WalletState.valueOf("WALLET_STATE_" + row.state()))
            .setStateChangeTime(Paging.timestamp(row.since()))
            .setTimeZone(row.zone().getId())
            .setHourlyMicros(view.hourly())
            .setDailyMicros(view.hourly() * HOURS_A_DAY)
            .setMonthlyMicros(view.hourly() * HOURS_A_MONTH)
            .setCharging(view.charging());
    Instant until = row.until();
    if (until != null) {
      wallet.setNextStepTime(Paging.timestamp(until));
    }
    if (view.hourly() > 0) {
      wallet.setHoursLeft((row.balance() - row.floor()) / view.hourly());
    }
    return wallet.build();
  }

  static Transaction transaction(BillingStore.Movement movement) {
    Transaction.Builder transaction =
        Transaction.newBuilder()
            .setId(Long.toString(movement.id()))
            .setKind(TransactionKind.valueOf("TRANSACTION_KIND_" + movement.kind()))
            .setCurrency(movement.currency())
            .setBalanceChangeMicros(movement.balance())
            .setOwedChangeMicros(movement.owed())
            .setDescription(movement.description())
            .setActor(movement.actor())
            .setCreateTime(Paging.timestamp(movement.createdAt()));
    Instant hour = movement.hour();
    if (hour != null) {
      transaction.setHour(Paging.timestamp(hour));
    }
    Long reverses = movement.reverses();
    if (reverses != null) {
      transaction.setReverses(Long.toString(reverses));
    }
    return transaction.build();
  }

  static GetUsageResponse usage(BillingService.Usage usage) {
    return GetUsageResponse.newBuilder()
        .addAllRows(usage.rows())
        .setTotalMicros(usage.total())
        .setCurrency(usage.currency())
        .setStartTime(Paging.timestamp(usage.range().start()))
        .setEndTime(Paging.timestamp(usage.range().end()))
        .setClosedUntilTime(Paging.timestamp(usage.closedUntil()))
        .build();
  }

  static EstimateCostResponse estimate(BillingService.Estimate estimate) {
    return EstimateCostResponse.newBuilder()
        .setCurrency(estimate.currency())
        .setHourlyMicros(estimate.hourly())
        .setDailyMicros(estimate.hourly() * HOURS_A_DAY)
        .setMonthlyMicros(estimate.hourly() * HOURS_A_MONTH)
        .setAffordable(estimate.affordable())
        .build();
  }

  static BillingHour hour(BillingStore.HourRow row) {
    BillingHour.Builder hour =
        BillingHour.newBuilder()
            .setHour(Paging.timestamp(row.hour()))
            .setCharged(row.charged())
            .setServices(row.services())
            .setWallets(row.wallets());
    Instant closed = row.closedAt();
    if (closed != null) {
      hour.setCloseTime(Paging.timestamp(closed));
    }
    return hour.build();
  }

  static dev.skep.v1.PriceList priceList(BillingStore.Listed listed) {
    PriceList prices = listed.prices();
    return dev.skep.v1.PriceList.newBuilder()
        .setId(Integer.toString(prices.id()))
        .setCurrency(prices.currency())
        .setStartTime(Paging.timestamp(prices.validFrom()))
        .setMinimumSeconds(prices.minimumSeconds())
        .setReplicaHourMicros(prices.replicaHour())
        .setVcpuHourMicros(prices.vcpuHour())
        .setMemoryGibHourMicros(prices.memoryGibHour())
        .setStorageGibHourMicros(prices.storageGibHour())
        .setEgressGibMicros(prices.egressGib())
        .setBuildMinuteMicros(prices.buildMinute())
        .setAuthor(listed.author())
        .setCreateTime(Paging.timestamp(listed.createdAt()))
        .build();
  }

  /**
   * A list to make.
   *
   * @throws Refusal naming every field that is wrong
   */
  static PriceList priceList(dev.skep.v1.PriceList list) {
    List<FieldViolation> wrong = new ArrayList<>();
    checkCurrency("price_list.currency", list.getCurrency(), wrong);
    long start = list.getStartTime().getSeconds();
    if (start % HOUR != 0 || list.getStartTime().getNanos() != 0) {
      wrong.add(new FieldViolation("price_list.start_time", "must be a full hour, UTC"));
    }
    if (list.getMinimumSeconds() < 0 || list.getMinimumSeconds() > HOUR) {
      wrong.add(new FieldViolation("price_list.minimum_seconds", "must be 0 to 3600"));
    }
    checkPrice("replica_hour_micros", list.getReplicaHourMicros(), wrong);
    checkPrice("vcpu_hour_micros", list.getVcpuHourMicros(), wrong);
    checkPrice("memory_gib_hour_micros", list.getMemoryGibHourMicros(), wrong);
    checkPrice("storage_gib_hour_micros", list.getStorageGibHourMicros(), wrong);
    checkPrice("egress_gib_micros", list.getEgressGibMicros(), wrong);
    checkPrice("build_minute_micros", list.getBuildMinuteMicros(), wrong);
    Refusal.ifAny(wrong);
    return new PriceList(
        0,
        list.getCurrency(),
        Instant.ofEpochSecond(start),
        list.getMinimumSeconds(),
        list.getReplicaHourMicros(),
        list.getVcpuHourMicros(),
        list.getMemoryGibHourMicros(),
        list.getStorageGibHourMicros(),
        list.getEgressGibMicros(),
        list.getBuildMinuteMicros());
  }

  private static void checkPrice(String field, long price, List<FieldViolation> wrong) {
    if (price < 0 || price > PriceList.MOST) {
      wrong.add(
          new FieldViolation(
              "price_list." + field, "must be 0 to " + PriceList.MOST + " micro-units"));
    }
  }

  static void checkCurrency(String field, String currency, List<FieldViolation> wrong) {
    boolean known =
        java.util.Currency.getAvailableCurrencies().stream()
            .anyMatch(c -> c.getCurrencyCode().equals(currency));
    if (!known) {
      wrong.add(new FieldViolation(field, "must be a code of ISO 4217, such as EUR"));
    }
  }
}
