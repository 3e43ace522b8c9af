package dev.skep.agent.link;

import dev.skep.agent.journal.Identity;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** Opens TLS connections to the control plane. */
final class Dialer {
  /** Every control plane's certificate carries this name, wherever it listens. */
  private static final String AUTHORITY = "control-plane.skep.internal";

  private static final String[] TLS_VERSIONS = {"TLSv1.3"};

  private static final String[] TLS_CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };

  private static final int MAX_MESSAGE = 64 << 20;

  /** The kernel of a frozen control plane answers probes; only a ping of HTTP/2 tells. */
  private static final long KEEPALIVE_SECONDS = 10;

  private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;

  private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Without a name of our own, to the one that the token names. */
  ManagedChannel enrolment(String endpoint, JoinToken token) {
    return dial(endpoint, tls(new KeyManager[0], new PinnedTrust(token.pin())));
  }

  /** With our certificate. */
  ManagedChannel session(String endpoint, Identity identity) {
    return dial(endpoint, tls(keys(identity), trust(identity)));
  }

  private static KeyManager[] keys(Identity identity) {
    try {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      keys.setKeyEntry(
          "worker", identity.key(), new char[0], new Certificate[] {identity.certificate()});
      var factory = KeyManagerFactory.getInstance("SunX509");
      factory.init(keys, new char[0]);
      return factory.getKeyManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the identity cannot be used for TLS", e);
    }
  }

  private static TrustManager trust(Identity identity) {
    try {
      return PinnedTrust.anchoredAt(identity.authorities());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the identity cannot be used for TLS", e);
    }
  }

  private static SSLSocketFactory tls(KeyManager[] keys, TrustManager trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys, new TrustManager[] {trust}, null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot do TLS 1.3", e);
    }
  }

  // Not through channel credentials: with them this transport offers only TLS 1.2, in which the
  // client's certificate travels in the clear.
  private ManagedChannel dial(String endpoint, SSLSocketFactory tls) {
    var address = Endpoint.parse(endpoint);
    return OkHttpChannelBuilder.forAddress(address.host(), address.port())
        .sslSocketFactory(tls)
        .socketFactory(new ProbedSockets())
        .tlsConnectionSpec(TLS_VERSIONS, TLS_CIPHERS)
        .overrideAuthority(AUTHORITY)
        .executor(executor)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MAX_MESSAGE)
        .disableRetry()
        .build();
  }
}
