package dev.skep.testbed.e2e;

import com.google.protobuf.Duration;
import dev.skep.testbed.TestImage;
import dev.skep.testbed.TestImages;
import dev.skep.v1.HealthCheck;
import dev.skep.v1.HttpCheck;
import dev.skep.v1.Port;
import dev.skep.v1.Resources;
import dev.skep.v1.ServiceSpec;

/** What the tests deploy, with images of a lab's registry. */
final class Specs {
  /** Of the whole machine, which all hosts of the lab think is theirs. */
  private static final int CPU_MILLIS = 150;

  private static final long MEMORY = 48L << 20;

  private final String registry;

  Specs(String registry) {
    this.registry = registry;
  }

  /** An image as a user names it, with a tag. */
  String image(TestImage image) {
    return "%s/%s:%s".formatted(registry, image.repository(), image.tag());
  }

  /** A web server that counts as healthy when it answers. */
  ServiceSpec.Builder web(String version, int replicas) {
    return of(TestImages.web(version), replicas)
        .addPorts(Port.newBuilder().setContainerPort(TestImages.WEB_PORT))
        .setHealthCheck(healthz());
  }

  /** Asks {@code http://NAME:8080/} five times a second and prints each answer, or "FAILED". */
  ServiceSpec.Builder client(String name) {
    var loop =
        "while :; do timeout 2 wget -q -O - http://%s:8080/ || echo FAILED; usleep 200000; done"
            .formatted(name);
    return shell(loop);
  }

  /** A shell script, once. */
  ServiceSpec.Builder shell(String script) {
    return of(TestImages.sleeper(), 1).addCommand("/bin/sh").addCommand("-c").addCommand(script);
  }

  ServiceSpec.Builder of(TestImage image, int replicas) {
    return ServiceSpec.newBuilder()
        .setImage(image(image))
        .setReplicas(replicas)
        .setResources(
            Resources.newBuilder().setCpuMillis(CPU_MILLIS).setMemoryBytes(MEMORY).build());
  }

  private static HealthCheck healthz() {
    return HealthCheck.newBuilder()
        .setHttp(HttpCheck.newBuilder().setPath("/healthz"))
        .setInterval(Duration.newBuilder().setSeconds(1))
        .setTimeout(Duration.newBuilder().setSeconds(10))
        .setRetries(3)
        .setStartPeriod(Duration.newBuilder().setSeconds(2))
        .build();
  }
}
