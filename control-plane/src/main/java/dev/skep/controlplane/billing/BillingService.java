package dev.skep.controlplane.billing;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.ledger.Funds;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import dev.skep.controlplane.ledger.PriceList;
import dev.skep.controlplane.ledger.Wallets;
import dev.skep.v1.UsageGroup;
import dev.skep.v1.UsageRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What people ask of money, and what platform admins do with it. */
final class BillingService {
  private final Database database;
  private final Supplier<UUID> ids;
  private final boolean charging;

  BillingService(Database database, Supplier<UUID> ids, boolean charging) {
    this.database = database;
    this.ids = ids;
    this.charging = charging;
  }

  /**
   * A wallet and what one hour costs of what runs now.
   *
   * @param hourly micro-units
   */
  record View(BillingStore.WalletRow wallet, long hourly, boolean charging) {}

  View wallet(OrganizationId organization) {
    return database.read(handle -> view(new BillingStore(handle, organization)));
  }

  private View view(BillingStore store) {
    BillingStore.WalletRow wallet = store.wallet();
    long hourly = store.prices(wallet.currency()).map(prices -> hourly(wallet, prices)).orElse(0L);
    return new View(wallet, hourly, charging);
  }

  private static long hourly(BillingStore.WalletRow wallet, PriceList prices) {
    return prices.hour(
        wallet.replicas(), wallet.cpu(), wallet.memory() << 20, wallet.storage() << 20);
  }

  View update(
      OrganizationId organization,
      @Nullable String currency,
      @Nullable Long floor,
      @Nullable String zone) {
    return database.inTransaction(
        handle -> {
          BillingStore store = new BillingStore(handle, organization);
          if (currency != null) {
            store.holdClosing();
          }
          var wallet = Wallets.lock(handle, organization);
          AuditTrail.before(BillingProtos.wallet(view(store)));
          if (currency != null && !currency.equals(wallet.currency()) && store.everMoved()) {
            throw new Refusal(
                Reason.CURRENCY_MISMATCH,
                "money was moved in this wallet; it stays in " + wallet.currency());
          }
          if (floor != null && floor > wallet.balance()) {
            throw Refusal.ofField(
                Reason.INVALID_FIELD,
                "floor_micros",
                "the balance is " + wallet.money(wallet.balance()) + ", below this floor already");
          }
          store.update(currency, floor, zone);
          return view(store);
        });
  }

  List<BillingStore.Movement> movements(
      OrganizationId organization, long before, int limit, boolean withoutCharges) {
    return database.read(
        handle -> new BillingStore(handle, organization).movements(before, limit, withoutCharges));
  }

  /** Sums of usage, with how far hours are closed. */
  record Usage(
      List<UsageRow> rows,
      long total,
      String currency,
      UsageStore.Range range,
      Instant closedUntil) {}

  /** {@code start} and {@code end} are null for the beginning of the month, and for now. */
  Usage usage(
      OrganizationId organization,
      @Nullable Instant start,
      @Nullable Instant end,
      String service,
      UsageGroup group) {
    return database.read(
        handle -> {
          BillingStore store = new BillingStore(handle, organization);
          BillingStore.WalletRow wallet = store.wallet();
          Instant until = end == null ? store.now() : end;
          Instant from =
              start == null
                  ? until
                      .atZone(wallet.zone())
                      .withDayOfMonth(1)
                      .truncatedTo(ChronoUnit.DAYS)
                      .toInstant()
                  : start;
          var range = new UsageStore.Range(from, until, service, wallet.zone());
          UsageStore usage = new UsageStore(handle, organization);
          return new Usage(
              usage.rows(range, group),
              usage.total(range),
              wallet.currency(),
              range,
              store.closedUntil());
        });
  }

  /**
   * What something would cost.
   *
   * @param hourly micro-units
   */
  record Estimate(String currency, long hourly, boolean affordable) {}

  Estimate estimate(
      OrganizationId organization, long replicas, long cpuMillis, long memory, long storage) {
    return database.read(
        handle -> {
          var wallet = Wallets.read(handle, organization);
          Optional<PriceList> prices =
              new BillingStore(handle, organization).prices(wallet.currency());
          long hourly =
              prices
                  .map(p -> p.hour(replicas, replicas * cpuMillis, replicas * memory, storage))
                  .orElse(0L);
          long all = prices.map(p -> Funds.hour(handle, organization, p)).orElse(0L);
          boolean affordable =
              !charging || (wallet.owed() == 0 && all + hourly <= wallet.available());
          return new Estimate(wallet.currency(), hourly, affordable);
        });
  }

  /** {@code requestId}: null for a grant that is not asked for again. */
  BillingStore.Movement grant(
      OrganizationId organization,
      long amount,
      String description,
      @Nullable String requestId,
      String actor) {
    String key = "grant:" + organization + ":" + (requestId == null ? ids.get() : requestId);
    return post(
        organization,
        handle ->
            new Posting(
                organization,
                Kind.CREDIT,
                key,
                amount,
                Wallets.lock(handle, organization).currency(),
                null,
                description,
                actor));
  }

  /** {@code amount}: 0 for all that is left of the charge. */
  BillingStore.Movement refund(
      OrganizationId organization, long charge, long amount, String description, String actor) {
    return post(
        organization,
        handle -> {
          String currency = Wallets.lock(handle, organization).currency();
          BillingStore store = new BillingStore(handle, organization);
          BillingStore.Movement charged =
              store
                  .movement(charge)
                  .filter(movement -> movement.kind() == Kind.CHARGE)
                  .orElseThrow(
                      () ->
                          new Refusal(
                              Reason.TRANSACTION_NOT_FOUND, "there is no charge " + charge));
          long left = store.leftOf(charge);
          if (left == 0 || amount > left) {
            throw Refusal.ofField(
                Reason.INVALID_FIELD,
                "amount_micros",
                left + " micro-units are left of this charge; ask for no more");
          }
          return new Posting(
              organization,
              Kind.REFUND,
              "refund:" + charge + ":" + left,
              amount == 0 ? left : amount,
              currency,
              charged.id(),
              description,
              actor);
        });
  }

  private BillingStore.Movement post(
      OrganizationId organization, Function<Handle, Posting> posting) {
    return database.inTransaction(
        handle -> {
          Ledger.Posted posted = Ledger.post(handle, posting.apply(handle));
          return new BillingStore(handle, organization)
              .movement(posted.transaction())
              .orElseThrow();
        });
  }

  /** What is wrong with the whole ledger, and how much was looked at. */
  record Verdict(List<String> findings, long transactions, long wallets, Instant closedUntil) {}

  /** {@code since}: EPOCH reads everything. */
  Verdict verify(Instant since) {
    return database.read(
        handle ->
            new Verdict(
                LedgerCheck.findings(handle, since),
                count(handle, "payment_transactions"),
                count(handle, "wallets"),
                new BillingStore(handle, OrganizationId.NONE).closedUntil()));
  }

  private static long count(Handle handle, String table) {
    return handle.createQuery("select count(*) from " + table).mapTo(Long.class).one();
  }

  List<BillingStore.HourRow> hours(Instant before, int limit) {
    return database.read(
        handle -> new BillingStore(handle, OrganizationId.NONE).hours(before, limit));
  }

  List<BillingStore.Listed> priceLists(String currency) {
    return database.read(
        handle -> new BillingStore(handle, OrganizationId.NONE).priceLists(currency));
  }

  BillingStore.Listed addPrices(PriceList prices, String author) {
    return database.inTransaction(
        handle -> {
          BillingStore store = new BillingStore(handle, OrganizationId.NONE);
          if (!prices.validFrom().isAfter(store.now())) {
            throw Refusal.ofField(
                Reason.INVALID_FIELD,
                "price_list.start_time",
                "has begun; prices hold from a full hour that is to come");
          }
          BillingStore.Listed added = store.add(prices, author);
          if (added == null) {
            throw Refusal.ofField(
                Reason.NAME_TAKEN,
                "price_list.start_time",
                "a list of "
                    + prices.currency()
                    + " begins then already; delete it first or choose another hour");
          }
          return added;
        });
  }

  void deletePrices(int id) {
    database.useTransaction(
        handle -> {
          BillingStore store = new BillingStore(handle, OrganizationId.NONE);
          BillingStore.Listed found =
              store
                  .priceList(id)
                  .orElseThrow(
                      () ->
                          new Refusal(Reason.PRICE_LIST_NOT_FOUND, "there is no price list " + id));
          if (!found.prices().validFrom().isAfter(store.now())) {
            throw new Refusal(
                Reason.PRICE_LIST_BEGUN,
                "this list has begun and stays; make another one that begins later");
          }
          AuditTrail.before(BillingProtos.priceList(found));
          store.deletePriceList(id);
        });
  }
}
