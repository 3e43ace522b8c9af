package dev.skep.controlplane;

import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.identity.HashingCost;
import dev.skep.controlplane.identity.IdentityFeature;
import dev.skep.controlplane.tenancy.Sessions;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The real control plane on free ports of loopback, with a database and a directory of its own. */
public final class TestControlPlane implements AutoCloseable {
  /** Passwords are hashed for many tests; what a real hash costs is measured elsewhere. */
  private static final IdentityFeature.Settings CHEAP =
      new IdentityFeature.Settings(
          new HashingCost(64, 1, 1), new Sessions.Terms(Duration.ofHours(12), Duration.ofDays(7)));

  static final String CORS_ORIGIN = "https://console.example.org";

  private final Path directory;
  private final int peoplePort = freePort();
  private final int agentPort = freePort();
  private final DatabaseUrl url;
  private final ControlPlane controlPlane;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<ManagedChannel> channels = new ArrayList<>();

  public TestControlPlane(Path directory) {
    this(directory, Map.of());
  }

  /** With settings that others do without. */
  TestControlPlane(Path directory, Map<String, String> more) {
    this(directory, TestDatabase.emptyUrl(), more);
  }

  private TestControlPlane(Path directory, DatabaseUrl url, Map<String, String> more) {
    this.directory = directory;
    this.url = url;
    this.controlPlane = new ControlPlane(Configuration.of(environment(more)).with(CHEAP));
  }

  private Map<String, String> environment(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("SKEP_DATA_DIR", directory.toString());
    environment.put("DATABASE_URL", url.jdbcUrl().replace("//", "//" + url.user() + "@"));
    environment.put("SKEP_LISTEN", "127.0.0.1:" + peoplePort);
    environment.put("SKEP_AGENT_LISTEN", "127.0.0.1:" + agentPort);
    environment.put("SKEP_AGENT_ENDPOINTS", agentEndpoint());
    environment.put("SKEP_CORS_ORIGINS", CORS_ORIGIN);
    environment.put("CLIENT_URL", "https://127.0.0.1:" + peoplePort);
    return environment;
  }

  /** Another one on the same database, with the same master key and the admin's token. */
  TestControlPlane another(Path itsDirectory) throws IOException {
    for (String file : List.of("master.key", "admin.token")) {
      Files.copy(directory.resolve(file), itsDirectory.resolve(file));
    }
    return new TestControlPlane(itsDirectory, url, Map.of());
  }

  String agentEndpoint() {
    return "127.0.0.1:" + agentPort;
  }

  public String token() {
    try {
      return Files.readString(directory.resolve("admin.token")).trim();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return peoplePort;
  }

  DatabaseUrl database() {
    return url;
  }

  /** One statement; the first column of its rows. */
  List<String> sql(String statement) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (var connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var one = connection.createStatement()) {
      if (one.execute(statement)) {
        try (var result = one.getResultSet()) {
          while (result.next()) {
            rows.add(result.getString(1));
          }
        }
      }
    }
    return rows;
  }

  Path authority() {
    return directory.resolve("ca.pem");
  }

  /** People's gRPC with the admin's token. */
  io.grpc.Channel people() {
    return people(token());
  }

  /** People's gRPC; no token when it is empty. */
  io.grpc.Channel people(String token) {
    ManagedChannel channel =
        opened(NettyChannelBuilder.forAddress("127.0.0.1", peoplePort).usePlaintext().build());
    if (token.isEmpty()) {
      return channel;
    }
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return io.grpc.ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Agents' gRPC. */
  ManagedChannel agents(ChannelCredentials credentials) {
    return opened(
        NettyChannelBuilder.forAddress("127.0.0.1", agentPort, credentials)
            .overrideAuthority("control-plane.skep.internal")
            .build());
  }

  ManagedChannel strangers() throws IOException {
    return agents(TlsChannelCredentials.newBuilder().trustManager(authority().toFile()).build());
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + peoplePort + path));
  }

  public HttpRequest.Builder authorized(String path) {
    return request(path).header("authorization", "Bearer " + token());
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, HttpResponse.BodyHandlers.ofString());
  }

  public <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request.build(), handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private ManagedChannel opened(ManagedChannel channel) {
    channels.add(channel);
    return channel;
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    http.close();
    controlPlane.close();
  }
}
