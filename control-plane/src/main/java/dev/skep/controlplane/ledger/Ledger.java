package dev.skep.controlplane.ledger;

import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Moves money: both sides, the wallet and the key in the caller's transaction. The wallet's row is
 * locked first, so two movements of one wallet never see the same balance.
 */
public final class Ledger {
  private static final String INSERT =
      """
      insert into payment_transactions (organization_id, currency, kind, key, request_hash, reverses, description, actor)
      values (:organization, :currency, :kind, :key, :hash, :reverses, :description, :actor)
      returning id
      """;

  private Ledger() {}

  /**
   * A movement that is written.
   *
   * @param again whether it was there before
   */
  public record Posted(long transaction, Wallet wallet, boolean again) {}

  private record Known(long id, byte[] hash) {}

  /**
   * Writes it, once per key.
   *
   * @throws Refusal PAYMENT_KEY_REUSED for other contents under a known key, CURRENCY_MISMATCH, or
   *     INSUFFICIENT_FUNDS for money that goes out and is not there
   */
  public static Posted post(Handle handle, Posting posting) {
    Wallet wallet = Wallets.lock(handle, posting.organization());
    Optional<Known> known = find(handle, posting.key());
    if (known.isPresent()) {
      if (!MessageDigest.isEqual(known.get().hash(), posting.hash())) {
        throw new Refusal(
            Reason.PAYMENT_KEY_REUSED,
            "a movement with the key " + posting.key() + " is there and says something else");
      }
      return new Posted(known.get().id(), wallet, true);
    }
    check(wallet, posting);
    List<Entry> entries = wallet.entries(posting.kind(), posting.amount());
    long id = insert(handle, posting);
    insert(handle, id, posting, entries);
    Wallet after = wallet.after(entries);
    Wallets.save(handle, after);
    return new Posted(id, after, false);
  }

  private static void check(Wallet wallet, Posting posting) {
    if (posting.amount() <= 0) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "amount_micros", "must be more than 0");
    }
    if (!posting.currency().equals(wallet.currency())) {
      throw new Refusal(
          Reason.CURRENCY_MISMATCH,
          "the wallet has " + wallet.currency() + ", not " + posting.currency());
    }
    if (posting.kind() == Kind.PAYOUT && posting.amount() > wallet.balance()) {
      throw new Refusal(
          Reason.INSUFFICIENT_FUNDS,
          "the wallet has "
              + wallet.money(wallet.balance())
              + ", "
              + wallet.money(posting.amount())
              + " cannot be paid out of it");
    }
  }

  private static Optional<Known> find(Handle handle, String key) {
    return handle
        .createQuery("select id, request_hash from payment_transactions where key = :key")
        .bind("key", key)
        .map((row, c) -> new Known(row.getLong("id"), row.getBytes("request_hash")))
        .findOne();
  }

  private static long insert(Handle handle, Posting posting) {
    return handle
        .createQuery(INSERT)
        .bind("organization", posting.organization().value())
        .bind("currency", posting.currency())
        .bind("kind", posting.kind().name())
        .bind("key", posting.key())
        .bind("hash", posting.hash())
        .bind("reverses", posting.reverses())
        .bind("description", posting.description())
        .bind("actor", posting.actor())
        .mapTo(Long.class)
        .one();
  }

  /** In one statement: the trigger that adds them up sees all of them. */
  private static void insert(Handle handle, long id, Posting posting, List<Entry> entries) {
    handle
        .createUpdate(
            "insert into ledger_entries (transaction_id, line, organization_id, account, amount)"
                + " select :id, e.line, :organization, e.account, e.amount"
                + " from unnest(:accounts::text[], :amounts::bigint[]) with ordinality e (account, amount, line)")
        .bind("id", id)
        .bind("organization", posting.organization().value())
        .bind("accounts", entries.stream().map(e -> e.account().name()).toArray(String[]::new))
        .bind("amounts", entries.stream().map(Entry::amount).toArray(Long[]::new))
        .execute();
  }
}
