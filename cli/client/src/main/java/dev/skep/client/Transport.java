package dev.skep.client;

import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Opens channels: HTTP/2 over TLS, or in the clear to this machine. */
final class Transport {
  /**
   * Name in every control plane's certificate. With its own authority trusted, the address it is
   * reached at need not be in the certificate.
   */
  private static final String INTERNAL_NAME = "control-plane.skep.internal";

  private static final int LARGEST_MESSAGE = 16 << 20;

  private Transport() {}

  /** Does not connect before its first call. */
  static FailoverChannel open(Target target) {
    return new FailoverChannel(target.addresses().stream().map(a -> open(a, target)).toList());
  }

  private static ManagedChannel open(ServerAddress address, Target target) {
    return (address.tls() ? encrypted(address, target) : plain(address))
        .maxInboundMessageSize(LARGEST_MESSAGE)
        .keepAliveTime(30, TimeUnit.SECONDS)
        .disableRetry()
        .build();
  }

  private static OkHttpChannelBuilder plain(ServerAddress address) {
    return OkHttpChannelBuilder.forAddress(address.host(), address.port()).usePlaintext();
  }

  private static OkHttpChannelBuilder encrypted(ServerAddress address, Target target) {
    var credentials = TlsChannelCredentials.newBuilder();
    target.authorityCertificates().ifPresent(pem -> trust(credentials, pem));
    var builder =
        OkHttpChannelBuilder.forAddress(address.host(), address.port(), credentials.build());
    return target.authorityCertificates().isPresent()
        ? builder.overrideAuthority(INTERNAL_NAME)
        : builder;
  }

  private static void trust(TlsChannelCredentials.Builder credentials, String pem) {
    try {
      credentials.trustManager(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the authority's certificate is not valid PEM: " + e.getMessage(), e);
    }
  }
}
