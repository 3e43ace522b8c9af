package dev.skep.client;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything needed to open a connection.
 *
 * @param ca certificates as PEM that are trusted instead of the machine's
 * @param organization that calls are about; null for the token's
 * @param addresses of the control planes of one installation, tried in this order
 */
public record Target(
    List<ServerAddress> addresses,
    @Nullable String token,
    @Nullable String ca,
    @Nullable String organization) {
  /**
   * Control planes with certificates that the machine trusts, or on this machine.
   *
   * @param addresses one or several of one installation, separated by commas
   * @throws InvalidAddress when one is none, or the token would go there without encryption
   */
  public static Target of(String addresses, String token) {
    return new Target(ServerAddress.parseAll(addresses), token, null, null);
  }

  /** The same with calls about another organization, by its id or name. */
  public Target in(String other) {
    return new Target(addresses, token, ca, other);
  }

  /** The same, trusting these certificates alone. */
  public Target trusting(String pem) {
    return new Target(addresses, token, pem, organization);
  }

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
