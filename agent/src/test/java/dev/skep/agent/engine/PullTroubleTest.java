package dev.skep.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.engine.EngineFailure.Code;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PullTroubleTest {
  private static final String IMAGE = "r.example/app@sha256:" + "e0f".repeat(21) + "0";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "manifest for r.example/app@sha256:aa not found: manifest unknown | IMAGE_MISSING",
        "pull access denied for a/b, repository does not exist or may require 'docker login': denied: requested access"
            + " to the resource is denied | IMAGE_UNAUTHORIZED",
        "Get https://u:secret@r.example/v2/: unauthorized: authentication required | IMAGE_UNAUTHORIZED",
        "Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host | REGISTRY_UNREACHABLE",
        "Get \"https://r.example/v2/\": net/http: TLS handshake timeout | REGISTRY_UNREACHABLE",
        "toomanyrequests: You have reached your pull rate limit | REGISTRY_UNREACHABLE",
        "write /var/lib/docker/tmp/x: no space left on device | DISK_FULL",
        "failed to register layer: exit status 1 | IMAGE_PULL_FAILED",
        "header: Bearer secretsecret.secret | IMAGE_PULL_FAILED"
      })
  void theEnginesWordsAreAStableCodeAndAPlainSentenceWithoutSecrets(String raw, Code code) {
    var failure = PullTrouble.of(IMAGE, new EngineFailure(Code.ENGINE_ERROR, Scrub.message(raw)));
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.getMessage()).doesNotContain("secret").contains(": ");
  }

  @ParameterizedTest
  @CsvSource({
    "IMAGE_MISSING,true",
    "IMAGE_UNAUTHORIZED,true",
    "REGISTRY_UNREACHABLE,false",
    "DISK_FULL,false"
  })
  void onlyWhatARegistryRefusesIsARefusal(Code code, boolean refusal) {
    assertThat(new EngineFailure(code, "").refusal()).isEqualTo(refusal);
  }
}
