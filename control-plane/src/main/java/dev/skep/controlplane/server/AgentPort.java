package dev.skep.controlplane.server;

import dev.skep.controlplane.agentlink.AgentLinkFeature;
import dev.skep.controlplane.agentlink.WorkerIdentity;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.rpc.ErrorInterceptor;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agents' port: gRPC over TLS 1.3 with our own authority. A certificate of another authority
 * does not get past the handshake; calls without one reach only enrolment.
 */
final class AgentPort implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentPort.class);
  private static final int MAX_MESSAGE = 4 << 20;
  private static final int MAX_METADATA = 8 << 10;
  private static final int MAX_CALLS_PER_CONNECTION = 64;
  private static final int MAX_RESETS_PER_10_SECONDS = 200;

  private final Server server;
  private final AgentLinkFeature agents;

  AgentPort(InetSocketAddress listen, CertificateAuthority authority, AgentLinkFeature agents) {
    this.agents = agents;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(listen)
            .sslContext(tls(authority))
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE)
            .maxInboundMetadataSize(MAX_METADATA)
            .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(MAX_RESETS_PER_10_SECONDS, 10)
            .handshakeTimeout(10, TimeUnit.SECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .intercept(new WorkerIdentity())
            .intercept(new ErrorInterceptor());
    DeadPeers.noticeSoon(builder);
    agents.apis().forEach(builder::addService);
    this.server = builder.build();
  }

  private static SslContext tls(CertificateAuthority authority) {
    X509Certificate[] chain = authority.serverChain(List.of()).toArray(X509Certificate[]::new);
    try {
      return GrpcSslContexts.configure(SslContextBuilder.forServer(authority.serverKey(), chain))
          .trustManager(authority.root())
          .clientAuth(ClientAuth.OPTIONAL)
          .protocols("TLSv1.3")
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("cannot set up TLS for agents", e);
    }
  }

  void start() throws IOException {
    server.start();
    log.info("agents: {}", server.getListenSockets());
  }

  @Override
  public void close() {
    // First nobody gets in any more, else those who are sent away come back at once.
    server.shutdown();
    agents.close();
    try {
      if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
