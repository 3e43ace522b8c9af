package dev.skep.controlplane.services;

import dev.skep.controlplane.workload.SecretUse;
import dev.skep.v1.SecretFile;

/** Uses of secrets between the API and the domain; fills in defaults. */
final class SecretProtos {
  private SecretProtos() {}

  static SecretUse toDomain(dev.skep.v1.SecretUse use) {
    String name = use.getSecret();
    return switch (use.getTargetCase()) {
      case ENV -> SecretUse.variable(name, use.getEnv());
      case FILE -> file(name, use.getFile());
      case TARGET_NOT_SET -> SecretUse.file(name, SecretUse.defaultPath(name));
    };
  }

  private static SecretUse file(String name, SecretFile file) {
    return new SecretUse(
        name,
        "",
        file.getPath().isEmpty() ? SecretUse.defaultPath(name) : file.getPath(),
        file.getMode() == 0 ? SecretUse.DEFAULT_MODE : file.getMode(),
        file.getUid(),
        file.getGid());
  }

  static dev.skep.v1.SecretUse toProto(SecretUse use) {
    dev.skep.v1.SecretUse.Builder proto =
        dev.skep.v1.SecretUse.newBuilder().setSecret(use.secret());
    return use.isFile()
        ? proto
            .setFile(
                SecretFile.newBuilder()
                    .setPath(use.path())
                    .setMode(use.mode())
                    .setUid(use.uid())
                    .setGid(use.gid()))
            .build()
        : proto.setEnv(use.variable()).build();
  }
}
