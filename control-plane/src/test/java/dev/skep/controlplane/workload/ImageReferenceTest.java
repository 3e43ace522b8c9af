package dev.skep.controlplane.workload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageReferenceTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "nginx, registry-1.docker.io, library/nginx, latest",
    "nginx:1.27, registry-1.docker.io, library/nginx, 1.27",
    "docker.io/nginx, registry-1.docker.io, library/nginx, latest",
    "grafana/loki:3, registry-1.docker.io, grafana/loki, 3",
    "ghcr.io/org/app:v1, ghcr.io, org/app, v1",
    "ghcr.io/app, ghcr.io, app, latest",
    "localhost/app, localhost, app, latest",
    "localhost:5000/a/b/c:x_Y.z-1, localhost:5000, a/b/c, x_Y.z-1",
    "127.0.0.1:5000/app, 127.0.0.1:5000, app, latest",
    "registry:5000/app, registry:5000, app, latest",
    "a__b/c-d/e.f, registry-1.docker.io, a__b/c-d/e.f, latest",
  })
  void namesAreReadByTheGrammar(String text, String registry, String repository, String tag) {
    assertThat(ImageReference.parse(text))
        .contains(new ImageReference(registry, repository, tag, ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Nginx",
        "nginx:",
        "nginx:-tag",
        "nginx@sha256:abc",
        "nginx@md5:ab",
        "/nginx",
        "nginx/",
        "a//b",
        "a___b",
        "-a",
        "a-",
        "a b",
        "nginx:a b",
        "http://nginx",
        "ghcr.io/",
        "nginx\n",
        "../etc/passwd",
        "host:123456/app",
        "host:99999/app",
        "a..b/app",
        ".a.b/app",
        "a.b-/app",
      })
  void whatIsNoReferenceIsRefused(String text) {
    assertThat(ImageReference.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"nginx, ''", "nginx:1.27, 1.27"})
  void aDigestNeedsNoTag(String name, String tag) {
    assertThat(ImageReference.parse(name + "@" + DIGEST))
        .contains(new ImageReference("registry-1.docker.io", "library/nginx", tag, DIGEST));
  }

  @ParameterizedTest
  @CsvSource({
    "nginx:1.27, docker.io/library/nginx",
    "ghcr.io/org/app, ghcr.io/org/app",
    "localhost:5000/app:1, localhost:5000/app",
  })
  void enginesPullADigestAndNeverATag(String text, String name) {
    assertThat(ImageReference.parse(text).orElseThrow().pinned(DIGEST))
        .isEqualTo(name + "@" + DIGEST);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 513})
  void aReferenceHasALimit(int length) {
    assertThat(ImageReference.parse("a".repeat(length)).isPresent()).isEqualTo(length <= 512);
  }
}
