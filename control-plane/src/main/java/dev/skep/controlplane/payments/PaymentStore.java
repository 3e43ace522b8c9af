package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The rows of payments, of what went back of them, and of events that were applied. */
final class PaymentStore {
  private static final String INSERT =
      """
      insert into payments (id, organization_id, provider, reference, amount, currency, state, url, author, expires_at, next_look_at)
      values (:id, :organization, :provider, :reference, :amount, :currency, 'PENDING', :url, :author, :expires, :next)
      on conflict (provider, reference) do nothing
      """;

  private static final String CLAIM =
      """
      update payments set next_look_at = :until
      where id in (select id from payments where next_look_at <= :now order by next_look_at limit :limit for update skip locked)
      returning *
      """;

  private static final String RECOUNT =
      """
      update payments p
      set refunded = r.refunded, charged_back = r.charged_back,
          state = case when r.charged_back > 0 then 'CHARGED_BACK' when r.refunded = p.amount then 'REFUNDED' else 'PAID' end
      from (select coalesce(sum(amount) filter (where kind = 'REFUND'), 0) as refunded,
                   coalesce(sum(amount) filter (where kind = 'CHARGEBACK'), 0) as charged_back
            from payment_reversals where payment_id = :id and state <> 'UNDONE') r
      where p.id = :id and p.transaction_id is not null
      """;

  private static final String REVERSE =
      """
      insert into payment_reversals (id, organization_id, payment_id, kind, reference, amount, state, reason, author, created_at,
                                     transaction_id)
      values (:id, :organization, :payment, :kind, :reference, :amount, :state, :reason, :author, :created, :transaction)
      """;

  private final Handle handle;

  PaymentStore(Handle handle) {
    this.handle = handle;
  }

  /** Whether the provider's reference was new. */
  boolean add(Payment payment, Optional<Instant> next) {
    return handle
            .createUpdate(INSERT)
            .bind("id", payment.id())
            .bind("organization", payment.organization().value())
            .bind("provider", payment.provider().name())
            .bind("reference", payment.reference())
            .bind("amount", payment.amount().micros())
            .bind("currency", payment.amount().currency())
            .bind("url", payment.url())
            .bind("author", payment.author())
            .bind("expires", timestamp(payment.expiresAt()))
            .bind("next", timestamp(next.orElse(null)))
            .execute()
        == 1;
  }

  /** Newest first. */
  List<Payment> list(OrganizationId organization, UUID before, int limit) {
    return handle
        .createQuery(
            "select * from payments where organization_id = :organization and id < :before"
                + " order by id desc limit :limit")
        .bind("organization", organization.value())
        .bind("before", before)
        .bind("limit", limit)
        .map((row, c) -> payment(row))
        .list();
  }

  /**
   * One payment of an organization.
   *
   * @throws Refusal PAYMENT_NOT_FOUND also when it belongs to somebody else
   */
  Payment get(OrganizationId organization, UUID id) {
    return mine("", organization, id);
  }

  /** Like {@link #get}; nobody else changes it until the transaction ends. */
  Payment lock(OrganizationId organization, UUID id) {
    return mine(" for update", organization, id);
  }

  private Payment mine(String lock, OrganizationId organization, UUID id) {
    return one(
            "organization_id = :organization and id = :id" + lock,
            query -> query.bind("organization", organization.value()).bind("id", id))
        .orElseThrow(
            () -> new Refusal(Reason.PAYMENT_NOT_FOUND, "there is no payment \"" + id + "\""));
  }

  /** Whatever organization it belongs to; for what providers say. */
  Payment lock(UUID id) {
    return one("id = :id for update", query -> query.bind("id", id)).orElseThrow();
  }

  Optional<Payment> byReference(Provider provider, String reference) {
    return one(
        "provider = :provider and reference = :reference",
        query -> query.bind("provider", provider.name()).bind("reference", reference));
  }

  Optional<Payment> byCapture(Provider provider, String capture) {
    return one(
        "provider = :provider and capture = :capture",
        query -> query.bind("provider", provider.name()).bind("capture", capture));
  }

  private Optional<Payment> one(
      String condition, java.util.function.UnaryOperator<Query> arguments) {
    return arguments
        .apply(handle.createQuery("select * from payments where " + condition))
        .map((row, c) -> payment(row))
        .findOne();
  }

  /** Those whose time has come; nobody else gets them for a while. */
  List<Payment> claim(Instant now, int limit) {
    return handle
        .createQuery(CLAIM)
        .bind("now", timestamp(now))
        .bind("until", timestamp(now.plus(Looks.CLAIM)))
        .bind("limit", limit)
        .map((row, c) -> payment(row))
        .list();
  }

  void lookAgain(UUID id, Optional<Instant> at) {
    handle
        .createUpdate("update payments set next_look_at = :at where id = :id")
        .bind("at", timestamp(at.orElse(null)))
        .bind("id", id)
        .execute();
  }

  void arrived(UUID id, String capture, long transaction, Instant now) {
    handle
        .createUpdate(
            "update payments set state = 'PAID', failure = '', capture = :capture,"
                + " transaction_id = :transaction, paid_at = :now where id = :id")
        .bind("capture", capture)
        .bind("transaction", transaction)
        .bind("now", timestamp(now))
        .bind("id", id)
        .execute();
  }

  void ended(UUID id, Payment.State state, String failure) {
    handle.execute(
        "update payments set state = ?, failure = ? where id = ?", state.name(), failure, id);
  }

  void broken(UUID id, String failure) {
    handle.execute("update payments set failure = ? where id = ?", failure, id);
  }

  /** After something went back, or came again. */
  void recount(UUID id) {
    handle.createUpdate(RECOUNT).bind("id", id).execute();
  }

  List<Reversal> reversals(UUID payment) {
    return handle
        .createQuery("select * from payment_reversals where payment_id = :payment order by id")
        .bind("payment", payment)
        .map((row, c) -> reversal(row))
        .list();
  }

  void add(Payment payment, Reversal reversal) {
    handle
        .createUpdate(REVERSE)
        .bind("id", reversal.id())
        .bind("organization", payment.organization().value())
        .bind("payment", payment.id())
        .bind("kind", reversal.kind().name())
        .bind("reference", reversal.reference())
        .bind("amount", reversal.amount())
        .bind("state", reversal.state().name())
        .bind("reason", reversal.reason())
        .bind("author", reversal.author())
        .bind("created", timestamp(reversal.createdAt()))
        .bind("transaction", reversal.transaction())
        .execute();
  }

  void confirm(UUID reversal, String reference) {
    handle.execute(
        "update payment_reversals set state = 'DONE', reference = ? where id = ?",
        reference,
        reversal);
  }

  void undo(UUID reversal) {
    handle.execute("update payment_reversals set state = 'UNDONE' where id = ?", reversal);
  }

  boolean applied(Provider provider, String event) {
    return handle
        .createQuery(
            "select exists (select from payment_events where provider = :provider and event_id ="
                + " :event)")
        .bind("provider", provider.name())
        .bind("event", event)
        .mapTo(Boolean.class)
        .one();
  }

  /** Whether nobody applied it before; whoever is doing so is waited for. */
  boolean apply(Payment payment, String event) {
    return handle.execute(
            "insert into payment_events (provider, event_id, payment_id) values (?, ?, ?)"
                + " on conflict do nothing",
            payment.provider().name(),
            event,
            payment.id())
        == 1;
  }

  void forgetEvents(Instant before) {
    handle.execute("delete from payment_events where received_at < ?", timestamp(before));
  }

  private static Payment payment(ResultSet row) throws SQLException {
    return new Payment(
        row.getObject("id", UUID.class),
        new OrganizationId(row.getObject("organization_id", UUID.class)),
        Provider.valueOf(row.getString("provider")),
        row.getString("reference"),
        row.getString("capture"),
        new Money(row.getLong("amount"), row.getString("currency")),
        Payment.State.valueOf(row.getString("state")),
        row.getLong("refunded"),
        row.getLong("charged_back"),
        row.getString("url"),
        row.getString("failure"),
        row.getString("author"),
        row.getTimestamp("created_at").toInstant(),
        instant(row.getTimestamp("paid_at")),
        instant(row.getTimestamp("expires_at")),
        row.getObject("transaction_id", Long.class));
  }

  private static Reversal reversal(ResultSet row) throws SQLException {
    return new Reversal(
        row.getObject("id", UUID.class),
        Reversal.Kind.valueOf(row.getString("kind")),
        row.getString("reference"),
        row.getLong("amount"),
        Reversal.State.valueOf(row.getString("state")),
        row.getString("reason"),
        row.getString("author"),
        row.getTimestamp("created_at").toInstant(),
        row.getLong("transaction_id"));
  }

  private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
    return instant == null ? null : Timestamp.from(instant);
  }

  private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
    return timestamp == null ? null : timestamp.toInstant();
  }
}
