package dev.skep.controlplane.server;

import dev.skep.controlplane.agentlink.AgentLinkFeature;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.payments.PaymentHook;
import dev.skep.controlplane.pki.CertificateAuthority;
import io.grpc.BindableService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Both ports of a control plane. */
public final class Ports implements AutoCloseable {
  private final PeoplePort people;
  private final AgentPort agents;

  /**
   * Where to listen and what to say about it.
   *
   * @param hosts names and addresses in the certificate of the people's port
   * @param corsOrigins pages of these may call from browsers
   * @param arrival how long headers, and then a body, may take
   * @param paymentHooks where events of payment providers go, by the word for the provider
   */
  public record Settings(
      InetSocketAddress listen,
      InetSocketAddress agentListen,
      List<String> hosts,
      String clientUrl,
      String agentEndpoint,
      boolean allowPlaintext,
      List<String> corsOrigins,
      Duration arrival,
      Optional<Path> installDirectory,
      String version,
      Doors doors,
      Map<String, PaymentHook> paymentHooks) {}

  /** {@code apis} are those of the people's port; the agents' port serves {@code agents}. */
  public Ports(
      Settings settings,
      CertificateAuthority authority,
      Database database,
      Gate gate,
      List<BindableService> apis,
      AgentLinkFeature agents) {
    var install =
        new InstallFiles.Values(
            settings.clientUrl(), settings.agentEndpoint(), authority.pin(), tlsPin(authority));
    List<BindableService> people = new ArrayList<>(apis);
    people.add(new SystemApi(settings.version()));
    this.people =
        new PeoplePort(
            new PeoplePort.Settings(
                settings.listen(),
                settings.hosts(),
                settings.allowPlaintext(),
                settings.corsOrigins(),
                settings.arrival(),
                settings.installDirectory(),
                install,
                settings.doors(),
                settings.paymentHooks(),
                settings.version()),
            authority,
            database,
            gate,
            agents::sessions,
            people);
    this.agents = new AgentPort(settings.agentListen(), authority, agents);
  }

  /** Base64 SHA-256 of the server's public key, as curl's --pinnedpubkey wants it. */
  public static String tlsPin(CertificateAuthority authority) {
    return Base64.getEncoder()
        .encodeToString(Digests.sha256(authority.serverPublicKey().getEncoded()));
  }

  /** Where browsers come back from an identity provider. */
  public static URI ssoRedirect(URI clientUrl) {
    return URI.create(clientUrl + SsoCallback.PATH);
  }

  /** What somebody opens who is invited; the code comes after it. */
  public static String invitationLink(URI clientUrl) {
    return clientUrl + InvitationPage.PATH + "?code=";
  }

  /** Where people come back from a payment provider. */
  public static URI paymentComeBack(URI clientUrl) {
    return URI.create(clientUrl + PaymentRoutes.COME_BACK);
  }

  public void start() {
    try {
      agents.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen for agents: " + e.getMessage(), e);
    }
    people.start();
  }

  @Override
  public void close() {
    people.close();
    agents.close();
  }
}
