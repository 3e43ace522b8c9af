package dev.skep.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Sessions;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
final class LoginLimitsTest {
  private static final String HOME = "198.51.100.7";
  private static final String STRANGER = "203.0.113.9";

  private Database database;
  private LoginLimits limits;

  @BeforeAll
  void open() {
    database = Database.open(TestDatabase.emptyUrl());
    limits = new LoginLimits(database);
  }

  @BeforeEach
  void nothingIsCounted() {
    database.useTransaction(handle -> handle.execute("delete from login_attempts"));
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void manyAtOnceAreNotMoreThanOneAfterTheOther() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Boolean> attempt = () -> isLet("ada", STRANGER);
      var results = threads.invokeAll(IntStream.range(0, 50).mapToObj(i -> attempt).toList());

      assertThat(results.stream().filter(LoginLimitsTest::isTrue))
          .hasSize(LoginLimits.PAIR.attempts());
    }
  }

  @Test
  void aStrangerDoesNotLockTheOwnerOut() {
    exhaust("ada", STRANGER);

    assertThat(isLet("ada", STRANGER)).isFalse();
    assertThat(isLet("Ada", STRANGER)).as("names are the same in capitals").isFalse();
    assertThat(isLet("ada", HOME)).isTrue();
    assertThat(isLet("bob", STRANGER)).isTrue();
  }

  @Test
  void theRefusalSaysWhenItIsOver() {
    exhaust("ada", STRANGER);
    Refusal refusal = catchThrowableOfType(Refusal.class, () -> limits.count("ada", STRANGER));

    assertThat(refusal.reason()).isEqualTo(Reason.TOO_MANY_ATTEMPTS);
    assertThat(refusal.retryAfter()).isBetween(Duration.ofMinutes(14), Duration.ofMinutes(15));
    assertThat(refusal).hasMessage("too many attempts; try again in 15 min");
    database.useTransaction(
        handle ->
            handle.execute("update login_attempts set ends_at = now() - interval '1 second'"));
    assertThat(isLet("ada", STRANGER)).isTrue();
  }

  @Test
  void whoIsRightStartsAnew() {
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < LoginLimits.PAIR.attempts() - 1; j++) {
        limits.count("ada", HOME);
      }
      database.useTransaction(handle -> LoginLimits.forgive(handle, "ada", HOME));
    }

    assertThat(isLet("ada", HOME)).isTrue();
  }

  @Test
  void oneAddressMayTryManyNamesButNotAll() {
    long let =
        IntStream.range(0, LoginLimits.ADDRESS.attempts() + 20)
            .filter(i -> isLet("user" + i, "2001:db8::" + Integer.toHexString(i + 1)))
            .count();

    assertThat(let).isEqualTo(LoginLimits.ADDRESS.attempts());
  }

  @Test
  void aThousandMachinesDoNotKeepTheOwnerOutWhereSheHasBeen() {
    UUID user = UUID.randomUUID();
    var sessions =
        new Sessions(
            database,
            UUID::randomUUID,
            new Sessions.Terms(Duration.ofHours(1), Duration.ofHours(1)));
    database.useTransaction(
        handle -> {
          handle.execute("insert into users (id, name) values (?, 'ada')", user);
          var _ = sessions.open(handle, new UserId(user), new Origin(HOME, "", ""));
        });
    long let =
        IntStream.range(0, LoginLimits.ACCOUNT.attempts() + 20)
            .filter(i -> isLet("ada", "192.0.2." + i))
            .count();

    assertThat(let).isEqualTo(LoginLimits.ACCOUNT.attempts());
    assertThatCode(() -> limits.count("ada", HOME)).doesNotThrowAnyException();
  }

  @Test
  void machinesAreKnownByTheirNetwork() {
    assertThat(LoginLimits.network("2001:db8:1:2:3:4:5:6"))
        .isEqualTo(LoginLimits.network("2001:db8:1:2:ffff::1"))
        .isNotEqualTo(LoginLimits.network("2001:db8:1:3::1"));
    assertThat(LoginLimits.network(HOME)).isEqualTo(HOME);
  }

  private void exhaust(String user, String address) {
    for (int i = 0; i < LoginLimits.PAIR.attempts(); i++) {
      limits.count(user, address);
    }
  }

  private boolean isLet(String user, String address) {
    try {
      limits.count(user, address);
      return true;
    } catch (Refusal e) {
      return false;
    }
  }

  private static boolean isTrue(Future<Boolean> result) {
    return result.resultNow();
  }
}
