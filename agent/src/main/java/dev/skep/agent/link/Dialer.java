package dev.skep.agent.link;

import dev.skep.agent.journal.Identity;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/** Opens TLS connections to the control plane. */
final class Dialer {
  /** Every control plane's certificate carries this name, wherever it listens. */
  private static final String AUTHORITY = "control-plane.skep.internal";

  private static final int MAX_MESSAGE = 16 << 20;
  private static final long KEEPALIVE_SECONDS = 20;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 10;

  private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Without a name of our own, to the one that the token names. */
  ManagedChannel enrolment(String endpoint, JoinToken token) {
    return dial(
        endpoint,
        TlsChannelCredentials.newBuilder().trustManager(new PinnedTrust(token.pin())).build());
  }

  /** With our certificate. */
  ManagedChannel session(String endpoint, Identity identity) {
    return dial(endpoint, credentials(identity));
  }

  private static ChannelCredentials credentials(Identity identity) {
    try {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      keys.setKeyEntry(
          "worker", identity.key(), new char[0], new Certificate[] {identity.certificate()});
      var factory = KeyManagerFactory.getInstance("SunX509");
      factory.init(keys, new char[0]);
      return TlsChannelCredentials.newBuilder()
          .keyManager(factory.getKeyManagers())
          .trustManager(PinnedTrust.anchoredAt(identity.authorities()))
          .build();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the identity cannot be used for TLS", e);
    }
  }

  private ManagedChannel dial(String endpoint, ChannelCredentials credentials) {
    var address = Endpoint.parse(endpoint);
    return OkHttpChannelBuilder.forAddress(address.host(), address.port(), credentials)
        .overrideAuthority(AUTHORITY)
        .executor(executor)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MAX_MESSAGE)
        .disableRetry()
        .build();
  }
}
