package dev.skep.controlplane.agentlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.Facts;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.JoinTokens;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnrollmentTest {
  private static final String PIN = "0".repeat(64);

  private final TestDatabase test = TestDatabase.create();
  private final EnrollmentStore store =
      new EnrollmentStore(test.database(), test.ids(), InstantSource.system());

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void aTokenForOneMachineLetsOneOfFiftyIn() throws Exception {
    String token = token(1, Duration.ofHours(1)).token();
    Collection<WorkerId> in = new ConcurrentLinkedQueue<>();
    Collection<Reason> out = new ConcurrentLinkedQueue<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor.invokeAll(
          IntStream.range(0, 50)
              .<Callable<Boolean>>mapToObj(
                  i ->
                      () -> {
                        try {
                          return in.add(store.enroll(request(token, "key" + i, "w" + i)));
                        } catch (Refusal e) {
                          return out.add(e.reason());
                        }
                      })
              .toList());
    }

    assertThat(in).hasSize(1);
    assertThat(out).hasSize(49).containsOnly(Reason.JOIN_TOKEN_REFUSED);
    assertThat(test.number("select count(*) from container_workers")).isEqualTo(1);
    assertThat(test.number("select uses_left from join_tokens")).isZero();
  }

  @Test
  void theSameKeyGetsTheSameWorkerAgain() {
    String token = token(1, Duration.ofHours(1)).token();
    WorkerId worker = store.enroll(request(token, "key", "w"));

    assertThat(store.enroll(request(token, "key", "w"))).isEqualTo(worker);
    assertThat(test.number("select count(*) from container_workers")).isEqualTo(1);
  }

  @Test
  void aTokenForThreeMachinesLetsThreeIn() {
    String token = token(3, Duration.ofHours(1)).token();
    for (int i = 0; i < 3; i++) {
      store.enroll(request(token, "key" + i, "w" + i));
    }

    refused(Reason.JOIN_TOKEN_REFUSED, request(token, "key4", "w4"));
  }

  @Test
  void anExpiredTokenIsRefused() {
    refused(Reason.JOIN_TOKEN_REFUSED, request(token(1, Duration.ofSeconds(-1)).token(), "k", "w"));
  }

  @Test
  void aRevokedTokenIsRefused() {
    JoinTokens.Created created = token(1, Duration.ofHours(1));
    test.database().useTransaction(h -> JoinTokens.revoke(h, created.id()));

    refused(Reason.JOIN_TOKEN_REFUSED, request(created.token(), "k", "w"));
  }

  @Test
  void aWrongSecretIsRefused() {
    String token = token(1, Duration.ofHours(1)).token();
    int secret = token.indexOf('.', 5) + 1;
    char other = token.charAt(secret) == '0' ? '1' : '0';

    refused(
        Reason.JOIN_TOKEN_REFUSED,
        request(token.substring(0, secret) + other + token.substring(secret + 1), "k", "w"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "skj1",
        "skj1.------------------------------------.0000000000000000000000000000000000000000000000000000000000000000.0000000000000000000000000000000000000000000000000000000000000000",
        "skp_0_0"
      })
  void whatIsNoTokenIsRefused(String token) {
    refused(Reason.JOIN_TOKEN_REFUSED, request(token, "k", "w"));
  }

  @Test
  void aTakenNameIsRefusedAndCostsNoUse() {
    String token = token(2, Duration.ofHours(1)).token();
    store.enroll(request(token, "key1", "w"));

    refused(Reason.NAME_TAKEN, request(token, "key2", "w"));
    assertThat(test.number("select uses_left from join_tokens")).isEqualTo(1);
  }

  @Test
  void aKeyBelongsToOneWorker() {
    store.enroll(request(token(1, Duration.ofHours(1)).token(), "key", "w1"));

    refused(Reason.INVALID_FIELD, request(token(1, Duration.ofHours(1)).token(), "key", "w2"));
  }

  private void refused(Reason reason, EnrollRequest request) {
    assertThatThrownBy(() -> store.enroll(request))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private JoinTokens.Created token(int uses, Duration ttl) {
    var terms =
        new JoinTokens.Terms(
            test.ids().get(),
            test.cluster(),
            EnumSet.of(WorkerRole.RUN),
            uses,
            Instant.now().plus(ttl));
    return test.database().inTransaction(h -> JoinTokens.create(h, terms, PIN));
  }

  private static EnrollRequest request(String token, String key, String name) {
    return EnrollRequest.newBuilder()
        .setJoinToken(token)
        .setPublicKey(ByteString.copyFromUtf8(key))
        .setName(name)
        .setFacts(Facts.newBuilder().setCpuMillis(1_000).setMemoryBytes(1 << 30))
        .build();
  }
}
