package dev.skep.controlplane.ledger;

import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import java.util.ArrayList;
import java.util.List;

/**
 * The money of an organization.
 *
 * @param balance micro-units, never below the floor
 * @param owed micro-units that it did not carry
 * @param floor 0, or less for who pays afterwards
 */
public record Wallet(
    OrganizationId organization, String currency, long balance, long owed, long floor) {
  /** What it can still carry. */
  public long available() {
    return balance - floor;
  }

  public Money money(long micros) {
    return new Money(micros, currency);
  }

  /**
   * The lines of a movement.
   *
   * @param amount micro-units, more than 0
   */
  List<Entry> entries(Kind kind, long amount) {
    return switch (kind) {
      case CHARGE -> takenFor(Account.REVENUE, amount);
      case CHARGEBACK -> takenFor(Account.FUNDING, amount);
      case TOP_UP -> givenFrom(Account.FUNDING, amount);
      case CREDIT -> givenFrom(Account.PROMOTION, amount);
      case REFUND -> givenFrom(Account.REVENUE, amount);
      case PAYOUT ->
          List.of(new Entry(Account.FUNDING, amount), new Entry(Account.WALLET, -amount));
    };
  }

  /** The wallet pays what it can, the rest is owed. */
  private List<Entry> takenFor(Account account, long amount) {
    long paid = Math.min(amount, available());
    return lines(
        new Entry(account, amount),
        new Entry(Account.WALLET, -paid),
        new Entry(Account.RECEIVABLE, paid - amount));
  }

  /** What is owed is settled first. */
  private List<Entry> givenFrom(Account account, long amount) {
    long settled = Math.min(amount, owed);
    return lines(
        new Entry(account, -amount),
        new Entry(Account.RECEIVABLE, settled),
        new Entry(Account.WALLET, amount - settled));
  }

  private static List<Entry> lines(Entry... entries) {
    List<Entry> lines = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.amount() != 0) {
        lines.add(entry);
      }
    }
    return lines;
  }

  Wallet after(List<Entry> entries) {
    long nextBalance = balance;
    long nextOwed = owed;
    for (Entry entry : entries) {
      switch (entry.account()) {
        case WALLET -> nextBalance = Math.addExact(nextBalance, entry.amount());
        case RECEIVABLE -> nextOwed = Math.subtractExact(nextOwed, entry.amount());
        case REVENUE, FUNDING, PROMOTION -> {}
      }
    }
    return new Wallet(organization, currency, nextBalance, nextOwed, floor);
  }
}
