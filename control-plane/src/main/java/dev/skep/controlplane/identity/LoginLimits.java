package dev.skep.controlplane.identity;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.jdbi.v3.core.Handle;

/**
 * How often somebody may guess, over all control planes. An attempt is counted before it is looked
 * at, so that a hundred at once are not more than a hundred one after the other. A stranger's
 * guesses do not lock the owner out: they count for the stranger's address, and where the owner has
 * signed in before, those of others do not matter.
 */
public final class LoginLimits {
  /** Of one account from one address. */
  static final Limit PAIR = new Limit("pair", 10, Duration.ofMinutes(15));

  /** From one address, whatever the account: an office behind one address has many people. */
  static final Limit ADDRESS = new Limit("address", 100, Duration.ofMinutes(15));

  /** Of one account from addresses where nobody has signed in to it. */
  static final Limit ACCOUNT = new Limit("account", 100, Duration.ofHours(1));

  private static final int NETWORK_BYTES = 8;
  private static final String COUNT =
      """
      insert into login_attempts (key, attempts, ends_at) values (:key, 1, now() + :window * interval '1 second')
      on conflict (key) do update set
        attempts = case when login_attempts.ends_at <= now() then 1 else login_attempts.attempts + 1 end,
        ends_at = case when login_attempts.ends_at <= now() then excluded.ends_at else login_attempts.ends_at end
      returning attempts, ceil(extract(epoch from ends_at - now())) as seconds
      """;
  private static final String KNOWN =
      """
      select exists (select 1 from user_sessions s join users u on u.id = s.user_id
                     where u.name = :user and u.home_organization_id is null and s.client_address = :address)
      """;

  private final Database database;

  public LoginLimits(Database database) {
    this.database = database;
  }

  /** So many attempts in so much time. */
  record Limit(String name, int attempts, Duration window) {
    byte[] key(String of) {
      return Digests.sha256(name + "\n" + of);
    }
  }

  /**
   * Counts an attempt of whoever says to be this account, whether there is such an account or not.
   *
   * @throws Refusal TOO_MANY_ATTEMPTS with the time after which it may be tried again
   */
  void count(String user, String address) {
    countOf(address);
    // Not in a transaction: what is counted stays counted, and no call is written down for it.
    database.read(
        handle -> {
          count(handle, PAIR, pair(user, address));
          if (!isKnown(handle, user, address)) {
            count(handle, ACCOUNT, name(user));
          }
          return true;
        });
  }

  /** Counts an attempt from this address that is about no account. */
  public void countOf(String address) {
    database.read(
        handle -> {
          count(handle, ADDRESS, network(address));
          return true;
        });
  }

  /** The attempt was right: it and those before it from there do not count. */
  static void forgive(Handle handle, String user, String address) {
    handle.execute(
        "delete from login_attempts where key = ?", (Object) PAIR.key(pair(user, address)));
    handle.execute(
        "update login_attempts set attempts = attempts - 1 where key in (?, ?) and attempts > 0",
        ADDRESS.key(network(address)),
        ACCOUNT.key(name(user)));
  }

  /** Deletes what is over; to be called now and then. */
  void forget() {
    database.useTransaction(
        handle -> handle.execute("delete from login_attempts where ends_at <= now()"));
  }

  private static void count(Handle handle, Limit limit, String of) {
    long wait =
        handle
            .createQuery(COUNT)
            .bind("key", limit.key(of))
            .bind("window", limit.window().toSeconds())
            .map(
                (row, c) -> row.getInt("attempts") <= limit.attempts() ? 0 : row.getLong("seconds"))
            .one();
    if (wait > 0) {
      throw Refusal.until(
          Reason.TOO_MANY_ATTEMPTS,
          "too many attempts; try again in " + (wait + 59) / 60 + " min",
          Duration.ofSeconds(wait));
    }
  }

  private static boolean isKnown(Handle handle, String user, String address) {
    return handle
        .createQuery(KNOWN)
        .bind("user", user)
        .bind("address", address)
        .mapTo(Boolean.class)
        .one();
  }

  private static String name(String user) {
    return user.toLowerCase(Locale.ROOT);
  }

  private static String pair(String user, String address) {
    return name(user) + "\n" + network(address);
  }

  /** Of IPv6 the network: a single machine has all addresses of a /64. */
  static String network(String address) {
    if (!address.contains(":")) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      return bytes.length == 4
          ? address
          : HexFormat.of().formatHex(Arrays.copyOf(bytes, NETWORK_BYTES));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of a connection can be read", e);
    }
  }
}
