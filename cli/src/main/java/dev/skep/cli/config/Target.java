package dev.skep.cli.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything needed to open a connection.
 *
 * @param organization that calls are about; null for the token's
 * @param addresses of the control planes of one installation, tried in this order
 */
public record Target(
    List<ServerAddress> addresses,
    @Nullable String token,
    @Nullable String ca,
    @Nullable String organization) {
  /** The same place with other credentials, or with none. */
  public Target with(@Nullable String other) {
    return new Target(addresses, other, ca, organization);
  }

  /** As a user writes it. */
  public String url() {
    return String.join(",", addresses.stream().map(ServerAddress::url).toList());
  }

  public Optional<String> authorityCertificates() {
    return Optional.ofNullable(ca);
  }

  @Override
  public String toString() {
    return "Target[" + url() + "]";
  }
}
