package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.grpc.GrpcMeterIdPrefixFunction;
import com.linecorp.armeria.common.prometheus.PrometheusMeterRegistries;
import com.linecorp.armeria.common.util.BlockingTaskExecutor;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.cors.CorsService;
import com.linecorp.armeria.server.encoding.EncodingService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.metric.MetricCollectingService;
import com.linecorp.armeria.server.prometheus.PrometheusExpositionService;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.payments.PaymentHook;
import dev.skep.controlplane.pki.CertificateAuthority;
import dev.skep.controlplane.rpc.ErrorInterceptor;
import io.grpc.BindableService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The people's port: gRPC, REST, server-sent events, health, metrics and the installer. */
final class PeoplePort implements AutoCloseable {
  /** No request of this API needs more. */
  static final int MAX_BODY = 1 << 20;

  private static final Logger log = LoggerFactory.getLogger(PeoplePort.class);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final int THREADS = 64;
  private static final int MAX_CONNECTIONS = 20_000;

  /** Smaller answers are not worth it. */
  private static final int COMPRESSED_FROM = 1_024;

  /** Of one connection at the same time. */
  private static final int MAX_STREAMS = 256;

  private final Server server;
  private final BlockingTaskExecutor executor =
      BlockingTaskExecutor.builder().numThreads(THREADS).threadNamePrefix("api").build();

  /** What the port serves and how. */
  record Settings(
      InetSocketAddress listen,
      List<String> hosts,
      boolean allowPlaintext,
      List<String> corsOrigins,
      Duration arrival,
      Optional<Path> installDirectory,
      InstallFiles.Values installValues,
      Doors doors,
      Map<String, PaymentHook> paymentHooks,
      String version) {}

  PeoplePort(
      Settings settings,
      CertificateAuthority authority,
      Database database,
      Gate gate,
      Supplier<Integer> sessions,
      List<BindableService> apis) {
    Authentication.check(apis);
    Authentication authentication = new Authentication(gate);
    Arrival arrival = new Arrival(settings.arrival());
    PrometheusMeterRegistry metrics = PrometheusMeterRegistries.newRegistry();
    metrics.gauge("skep.agent.sessions", sessions, s -> s.get());
    SessionCookie cookies = new SessionCookie(settings.installValues().url());
    ServerBuilder builder =
        Server.builder()
            .port(settings.listen(), SessionProtocol.HTTP, SessionProtocol.HTTPS)
            .tls(TlsKeyPair.of(authority.serverKey(), authority.serverChain(settings.hosts())))
            .maxRequestLength(MAX_BODY)
            .requestTimeout(REQUEST_TIMEOUT)
            .maxNumConnections(MAX_CONNECTIONS)
            .http2MaxStreamsPerConnection(MAX_STREAMS)
            .http1MaxHeaderSize(16 << 10)
            .http2MaxHeaderListSize(16 << 10)
            .childChannelPipelineCustomizer(arrival::watch)
            .blockingTaskExecutor(executor, true)
            .errorHandler(new HttpErrors())
            .meterRegistry(metrics)
            .gracefulShutdownTimeout(Duration.ofMillis(500), Duration.ofSeconds(5))
            .decorator(new PlaintextGuard(settings.allowPlaintext())::guard)
            .decoratorUnder("/api/", cookies::serve)
            .decorator(compressing())
            .service("/healthz", (ctx, req) -> text(HttpStatus.OK, "ok"))
            .service(SsoCallback.PATH, new SsoCallback(settings.doors().sso()))
            .service(
                InvitationPage.PATH,
                new InvitationPage(settings.doors().identity(), settings.doors().sso(), cookies))
            .service("/readyz", (ctx, req) -> ready(database))
            .service(
                "/metrics",
                PrometheusExpositionService.of(metrics.getPrometheusRegistry())
                    .decorate(new TokenGuard(gate.callers())::guard));
    new PaymentRoutes(settings.paymentHooks()).addTo(builder);
    new RestGateway(apis, authentication).addTo(builder);
    new ApiDocs(settings.version(), apis).addTo(builder);
    if (!settings.corsOrigins().isEmpty()) {
      builder.decorator(crossOrigin(settings.corsOrigins()));
    }
    // The last one comes first.
    builder.decorator(new Crowd(apis)::serve).decorator(arrival::serve);
    settings
        .installDirectory()
        .ifPresent(
            directory -> new InstallFiles(directory, settings.installValues()).addTo(builder));
    builder.service(
        grpc(apis, authentication),
        MetricCollectingService.newDecorator(GrpcMeterIdPrefixFunction.of("skep.grpc")));
    this.server = builder.build();
  }

  private static Function<? super HttpService, EncodingService> compressing() {
    return EncodingService.builder()
        .encodableContentTypes(
            type ->
                type.is(MediaType.JSON)
                    || type.is(MediaType.HTML_UTF_8)
                    || type.is(MediaType.CSS_UTF_8))
        .minBytesToForceChunkedEncoding(COMPRESSED_FROM)
        .newDecorator();
  }

  /** No cookies are ever read, so that a page can do no more than the token that it has. */
  private static Function<? super HttpService, CorsService> crossOrigin(List<String> origins) {
    return CorsService.builder(origins)
        .allowRequestMethods(
            HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE)
        .allowRequestHeaders(
            "authorization",
            "content-type",
            "skep-organization",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "last-event-id")
        .exposeHeaders("etag", "x-request-id", "allow", "retry-after")
        .maxAge(Duration.ofMinutes(10))
        .newDecorator();
  }

  private static GrpcService grpc(List<BindableService> apis, Authentication authentication) {
    var builder =
        GrpcService.builder()
            .addService(new HealthStatusManager().getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .maxRequestMessageLength(MAX_BODY)
            // Armeria runs the last one first.
            .intercept(authentication, new ErrorInterceptor())
            .useBlockingTaskExecutor(true);
    apis.forEach(builder::addService);
    return builder.build();
  }

  private static HttpResponse ready(Database database) {
    return HttpResponse.of(
        java.util.concurrent.CompletableFuture.supplyAsync(
            () ->
                database.ready()
                    ? text(HttpStatus.OK, "ready")
                    : text(HttpStatus.SERVICE_UNAVAILABLE, "the database does not answer"),
            com.linecorp.armeria.server.ServiceRequestContext.current().blockingTaskExecutor()));
  }

  private static HttpResponse text(HttpStatus status, String text) {
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, text + "\n");
  }

  void start() {
    server.start().join();
    log.info("people: {}", server.activePorts().values());
  }

  @Override
  public void close() {
    server.close();
    executor.shutdown();
  }
}
