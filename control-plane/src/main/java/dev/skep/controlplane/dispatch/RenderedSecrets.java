package dev.skep.controlplane.dispatch;

import static java.util.stream.Collectors.groupingBy;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.Secret;
import dev.skep.agent.v1.SecretFile;
import dev.skep.agent.v1.Workload;
import dev.skep.controlplane.vault.ReleaseSecrets.Opened;
import dev.skep.controlplane.vault.SecretAddress;
import dev.skep.controlplane.vault.SecretValue;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What placements get of their releases' secrets: variables, files, and the files' contents. */
final class RenderedSecrets {
  /** Of all files in one set: what a message to an agent has room for. */
  static final long MAX_BYTES = 32L << 20;

  private final Map<UUID, List<Opened>> byRelease;

  RenderedSecrets(List<Opened> opened) {
    this.byRelease = opened.stream().collect(groupingBy(Opened::release));
  }

  /** Also says which ones cannot be opened, so that nothing starts without them. */
  void addTo(Workload.Builder workload, UUID release) {
    for (Opened one : byRelease.getOrDefault(release, List.of())) {
      if (one.use().isFile()) {
        workload.addSecretFiles(file(one));
      } else {
        one.value()
            .ifPresentOrElse(
                value -> workload.putEnv(one.use().variable(), value.text()),
                () -> workload.addUnreadableSecrets(one.use().secret()));
      }
    }
  }

  private static SecretFile file(Opened one) {
    return SecretFile.newBuilder()
        .setObjectName(name(one))
        .setPath(one.use().path())
        .setMode(one.use().mode())
        .setUid(one.use().uid())
        .setGid(one.use().gid())
        .build();
  }

  /** The contents of files, each once. */
  Collection<Assignment> assignments() {
    Map<SecretAddress, Assignment> contents = new LinkedHashMap<>();
    long bytes = 0;
    for (List<Opened> release : byRelease.values()) {
      for (Opened one : release) {
        if (one.use().isFile() && !contents.containsKey(one.address())) {
          bytes += one.value().map(SecretValue::size).orElse(0);
          contents.put(one.address(), content(one, bytes <= MAX_BYTES));
        }
      }
    }
    return contents.values();
  }

  private static Assignment content(Opened one, boolean fits) {
    Optional<SecretValue> value = one.value().filter(v -> fits);
    SecretAddress address = one.address();
    return Assignment.newBuilder()
        .setId("secret/" + name(one))
        .setGeneration(address.number())
        .setSecret(
            Secret.newBuilder()
                .setSecretId(address.secret().toString())
                .setOrganizationId(address.organization().toString())
                .setObjectName(name(one))
                .setVersion(address.number())
                .setValue(value.map(v -> ByteString.copyFrom(v.bytes())).orElse(ByteString.EMPTY)))
        .build();
  }

  private static String name(Opened one) {
    return ObjectNames.secret(
        one.use().secret(), one.address().secret().value(), one.address().number());
  }
}
