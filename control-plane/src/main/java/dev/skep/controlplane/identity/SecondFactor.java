package dev.skep.controlplane.identity;

import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.pki.SealedColumn;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/**
 * The rows of second factors: a sealed secret, the step that was used last, and hashes of recovery
 * codes. What is used is used in the transaction of what it is used for, so it counts once.
 */
public final class SecondFactor {
  private static final int RECOVERY_CODES = 10;

  /** 120 bits: so many that a fast hash is enough to store them. */
  private static final int RECOVERY_BYTES = 15;

  private static final String PENDING =
      """
      insert into user_totp (user_id, sealed) values (:user, :sealed)
      on conflict (user_id) do update set sealed = excluded.sealed, last_step = 0
      where user_totp.confirmed_at is null
      """;

  private final MasterKey masterKey;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  SecondFactor(MasterKey masterKey, InstantSource clock) {
    this.masterKey = masterKey;
    this.clock = clock;
  }

  private record Row(byte[] sealed, boolean on, long lastStep) {}

  boolean isOn(Handle handle, UserId user) {
    return find(handle, user).filter(Row::on).isPresent();
  }

  /** A new secret that is not in use yet. */
  byte[] begin(Handle handle, UserId user) {
    byte[] secret = new byte[Totp.SECRET_BYTES];
    random.nextBytes(secret);
    int written =
        handle
            .createUpdate(PENDING)
            .bind("user", user.value())
            .bind("sealed", masterKey.seal(secret, context(user)))
            .execute();
    if (written == 0) {
      throw new Refusal(
          Reason.TOTP_ON, "the second factor is on already; switch it off first to begin anew");
    }
    return secret;
  }

  /** Switches it on, and answers recovery codes; the secret must have arrived in the app. */
  List<String> confirm(Handle handle, UserId user, String code) {
    Row row = find(handle, user).filter(r -> !r.on).orElseThrow(SecondFactor::notBegun);
    useStep(handle, user, row, code);
    handle.execute("update user_totp set confirmed_at = now() where user_id = ?", user.value());
    List<String> codes = IntStream.range(0, RECOVERY_CODES).mapToObj(i -> recoveryCode()).toList();
    handle.execute("delete from recovery_codes where user_id = ?", user.value());
    var batch =
        handle.prepareBatch("insert into recovery_codes (user_id, code_hash) values (?, ?)");
    codes.forEach(one -> batch.add(user.value(), Digests.sha256(plain(one))));
    batch.execute();
    return codes;
  }

  /**
   * Uses a code of the app, or a recovery code.
   *
   * @throws Refusal CODE_REFUSED when it is wrong or was used
   */
  void use(Handle handle, UserId user, String code) {
    Row row = find(handle, user).filter(Row::on).orElseThrow(SecondFactor::refused);
    if (code.strip().matches("\\d{6}")) {
      useStep(handle, user, row, code.strip());
    } else if (handle.execute(
            "delete from recovery_codes where user_id = ? and code_hash = ?",
            user.value(),
            Digests.sha256(plain(code)))
        == 0) {
      throw refused();
    }
  }

  /** Switches it off. */
  public static void remove(Handle handle, UserId user) {
    handle.execute("delete from user_totp where user_id = ?", user.value());
    handle.execute("delete from recovery_codes where user_id = ?", user.value());
  }

  /** Of two who show the same code at the same time, one has shown it first. */
  private void useStep(Handle handle, UserId user, Row row, String code) {
    byte[] secret = masterKey.open(row.sealed, context(user));
    OptionalLong step = Totp.step(secret, code, clock.instant(), row.lastStep);
    if (step.isEmpty()
        || handle.execute(
                "update user_totp set last_step = ? where user_id = ? and last_step < ?",
                step.getAsLong(),
                user.value(),
                step.getAsLong())
            == 0) {
      throw refused();
    }
  }

  private static Optional<Row> find(Handle handle, UserId user) {
    return handle
        .createQuery("select sealed, confirmed_at, last_step from user_totp where user_id = :user")
        .bind("user", user.value())
        .map(
            (row, c) ->
                new Row(
                    row.getBytes("sealed"),
                    row.getTimestamp("confirmed_at") != null,
                    row.getLong("last_step")))
        .findOne();
  }

  private String recoveryCode() {
    byte[] bytes = new byte[RECOVERY_BYTES];
    random.nextBytes(bytes);
    return Base32.of(bytes).toLowerCase(Locale.ROOT).replaceAll("(.{6})(?=.)", "$1-");
  }

  private static String plain(String code) {
    return code.toLowerCase(Locale.ROOT).replaceAll("[\\s-]", "");
  }

  private static String context(UserId user) {
    return context(user.toString());
  }

  private static String context(String user) {
    return "totp of " + user;
  }

  /** Where the secrets are. */
  static SealedColumn sealed() {
    return new SealedColumn("user_totp", "user_id", "sealed", SecondFactor::context);
  }

  private static Refusal refused() {
    return new Refusal(
        Reason.CODE_REFUSED, "the code is wrong or was used before; wait for the next one");
  }

  private static Refusal notBegun() {
    return new Refusal(
        Reason.TOTP_NOT_BEGUN, "no second factor is being set up; begin with: skep totp enable");
  }
}
