package dev.skep.cli.config;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything needed to open a connection. */
public record Target(ServerAddress address, @Nullable String token, @Nullable String ca) {
  public Optional<String> authorityCertificates() {
    return Optional.ofNullable(ca);
  }

  @Override
  public String toString() {
    return "Target[" + address.url() + "]";
  }
}
