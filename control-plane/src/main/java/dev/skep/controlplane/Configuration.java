package dev.skep.controlplane;

import dev.skep.controlplane.billing.BillingFeature;
import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.identity.HashingCost;
import dev.skep.controlplane.identity.IdentityFeature;
import dev.skep.controlplane.payments.PaymentSettings;
import dev.skep.controlplane.server.Ports;
import dev.skep.controlplane.sso.SsoSettings;
import dev.skep.controlplane.tenancy.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Everything that can be set, read from the environment. docs/configuration.md lists it.
 *
 * @param databaseUrl empty: the embedded PostgreSQL in the data directory
 * @param agentEndpoints host:port at which agents reach this control plane
 * @param tokenRequestsPerMinute empty: any number
 */
record Configuration(
    Path dataDirectory,
    Optional<String> masterKeyUri,
    Optional<DatabaseUrl> databaseUrl,
    InetSocketAddress listen,
    InetSocketAddress agentListen,
    List<String> agentEndpoints,
    URI clientUrl,
    boolean allowPlaintext,
    List<String> corsOrigins,
    Duration requestArrival,
    Optional<Path> installDirectory,
    Duration heartbeatInterval,
    Duration heartbeatTimeout,
    Duration logRetention,
    Duration volumeRetention,
    Duration auditRetention,
    String networkPool,
    OptionalInt tokenRequestsPerMinute,
    Set<String> insecureRegistries,
    BillingFeature.Settings billing,
    String invoiceSeller,
    IdentityFeature.Settings identity,
    SsoSettings sso,
    PaymentSettings payments) {

  private static final String SECRET_FILE = "a file whose first line is the secret";

  private static final int LONGEST_SELLER = 500;

  /** A value that cannot be used; the message has its name, the value and what would be right. */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Wrong(String message) {
      super(message);
    }
  }

  /**
   * Reads and checks all values.
   *
   * @throws Wrong names every wrong value, a line each
   */
  static Configuration of(Map<String, String> environment) {
    Reader read = new Reader(environment);
    InetSocketAddress agentListen =
        read.value("SKEP_AGENT_LISTEN", "0.0.0.0:7443", Configuration::address, "host:port");
    InetSocketAddress listen =
        read.value("SKEP_LISTEN", "0.0.0.0:7080", Configuration::address, "host:port");
    String host = LocalAddress.ofDefaultRoute();
    URI clientUrl =
        read.value(
            "CLIENT_URL",
            "https://" + host + ":" + listen.getPort(),
            Configuration::httpUrl,
            "a URL such as https://skep.example.org");
    Configuration configuration =
        new Configuration(
            read.value("SKEP_DATA_DIR", ".skep", t -> Path.of(t).toAbsolutePath(), "a directory"),
            read.optional(
                "SKEP_MASTER_KEY_URI",
                Configuration::keyUri,
                "the URI of a key, such as gcp-kms://projects/…"),
            read.optional(
                "DATABASE_URL",
                DatabaseUrl::parse,
                "postgresql://user:password@host:port/database"),
            listen,
            agentListen,
            read.value(
                "SKEP_AGENT_ENDPOINTS",
                host + ":" + agentListen.getPort(),
                Configuration::endpoints,
                "host:port[,host:port]"),
            clientUrl,
            read.value("SKEP_ALLOW_PLAINTEXT", "false", Configuration::bool, "true or false"),
            read.value(
                "SKEP_CORS_ORIGINS",
                "",
                Configuration::origins,
                "origins such as https://console.example.org, with commas"),
            read.value(
                "SKEP_REQUEST_ARRIVAL_TIMEOUT",
                "20s",
                Configuration::duration,
                "a duration of at least 1 s such as 20s"),
            read.optional("SKEP_INSTALL_DIR", Path::of, "a directory"),
            read.value(
                "WORKER_HEARTBEAT_INTERVAL",
                "30s",
                Configuration::duration,
                "a duration of at least 1 s such as 30s"),
            read.value(
                "WORKER_HEARTBEAT_TIMEOUT",
                "120s",
                Configuration::duration,
                "a duration of at least 1 s such as 120s"),
            read.value(
                "SKEP_LOG_RETENTION", "7d", Configuration::duration, "a duration such as 7d"),
            read.value(
                "SKEP_VOLUME_RETENTION", "30d", Configuration::duration, "a duration such as 30d"),
            read.value(
                "SKEP_AUDIT_RETENTION", "400d", Configuration::duration, "a duration such as 400d"),
            read.value(
                "SKEP_NETWORK_POOL",
                "10.100.0.0/14",
                Configuration::pool,
                "an IPv4 CIDR from /8 to /24 such as 10.100.0.0/14"),
            read.optional(
                    "SKEP_TOKEN_REQUESTS_PER_MINUTE",
                    Configuration::positive,
                    "a whole number of 1 or more")
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty()),
            insecureRegistries(read),
            billing(read),
            read.value(
                "SKEP_BILLING_SELLER",
                "",
                Configuration::seller,
                "a name and an address of at most 500 characters; \\n begins a new line"),
            identity(read),
            sso(read),
            payments(read, clientUrl));
    read.failIfWrong();
    configuration.check();
    return configuration;
  }

  private static PaymentSettings payments(Reader read, URI clientUrl) {
    return new PaymentSettings(stripe(read), payPal(read), Ports.paymentComeBack(clientUrl));
  }

  private static Optional<PaymentSettings.Stripe> stripe(Reader read) {
    URI url = provider(read, "SKEP_STRIPE_URL", "https://api.stripe.com");
    return read.optional("SKEP_STRIPE_SECRET_KEY_FILE", Configuration::firstLine, SECRET_FILE)
        .map(
            key ->
                new PaymentSettings.Stripe(
                    url, key, read.secret("SKEP_STRIPE_WEBHOOK_SECRET_FILE")));
  }

  private static Optional<PaymentSettings.PayPal> payPal(Reader read) {
    URI url = provider(read, "SKEP_PAYPAL_URL", "https://api-m.paypal.com");
    return read.optional("SKEP_PAYPAL_CLIENT_ID", text -> text, "what PayPal calls this client")
        .map(
            client ->
                new PaymentSettings.PayPal(
                    url,
                    client,
                    read.secret("SKEP_PAYPAL_CLIENT_SECRET_FILE"),
                    read.required("SKEP_PAYPAL_WEBHOOK_ID", "what PayPal calls the webhook")));
  }

  private static URI provider(Reader read, String name, String fallback) {
    return read.value(
        name,
        fallback,
        text -> URI.create(issuer(text.replaceFirst("/+$", ""))),
        "an https:// URL; http:// only on this machine");
  }

  private static Set<String> insecureRegistries(Reader read) {
    Set<String> registries =
        new HashSet<>(
            read.value(
                "DOCKER_REGISTRY_INSECURE", "", Configuration::names, "host:port[,host:port]"));
    read.optional(
            "DOCKER_REGISTRY_URL",
            Configuration::httpUrl,
            "a URL such as https://registry.example.org")
        .filter(url -> url.getScheme().equals("http"))
        .ifPresent(url -> registries.add(url.getRawAuthority()));
    return Set.copyOf(registries);
  }

  private static BillingFeature.Settings billing(Reader read) {
    return new BillingFeature.Settings(
        read.value("CONTAINER_BILLING_ENABLED", "false", Configuration::bool, "true or false"),
        read.value(
            "SKEP_BILLING_CURRENCY",
            "EUR",
            text -> java.util.Currency.getInstance(text).getCurrencyCode(),
            "a code of ISO 4217 such as EUR"),
        read.value("SKEP_BILLING_GRACE", "3d", Configuration::duration, "a duration such as 3d"),
        read.value(
            "SKEP_BILLING_KEEP_DATA", "30d", Configuration::duration, "a duration such as 30d"));
  }

  private static String seller(String text) {
    if (text.length() > LONGEST_SELLER) {
      throw new IllegalArgumentException(text);
    }
    return text.replace("\\n", "\n").strip();
  }

  private static IdentityFeature.Settings identity(Reader read) {
    return new IdentityFeature.Settings(
        read.value(
            "SKEP_PASSWORD_HASHING",
            HashingCost.FLOOR.toString(),
            HashingCost::configured,
            "argon2id parameters of at least " + HashingCost.FLOOR),
        new Sessions.Terms(
            read.value(
                "SKEP_SESSION_IDLE",
                "12h",
                Configuration::duration,
                "a duration of at least 1 s such as 12h"),
            read.value(
                "SKEP_SESSION_LIFETIME",
                "7d",
                Configuration::duration,
                "a duration of at least 1 s such as 7d")));
  }

  private static SsoSettings sso(Reader read) {
    Optional<String> issuer =
        read.optional(
            "SKEP_OIDC_ISSUER",
            Configuration::issuer,
            "an https:// URL; http:// only on this machine");
    return new SsoSettings(
        issuer.map(
            url ->
                new SsoSettings.Client(
                    url,
                    read.required("SKEP_OIDC_CLIENT_ID", "what the provider calls this client"),
                    read.optional(
                            "SKEP_OIDC_CLIENT_SECRET_FILE",
                            Configuration::firstLine,
                            "a file with the secret of this client")
                        .orElseGet(
                            () ->
                                read.required(
                                    "SKEP_OIDC_CLIENT_SECRET",
                                    "the secret of this client, or use"
                                        + " SKEP_OIDC_CLIENT_SECRET_FILE")))),
        read.optional("SKEP_OIDC_ORGANIZATION", text -> text, "the name of an organization"));
  }

  /** To the letter: providers differ in whether it ends with a slash. */
  private static String issuer(String text) {
    URI url = httpUrl(text);
    if (url.getScheme().equals("http") && !url.getHost().matches("localhost|127\\.[0-9.]+")) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static String firstLine(String file) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines.findFirst().map(String::strip).filter(line -> !line.isEmpty()).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with other ways to let people in. */
  Configuration with(IdentityFeature.Settings other) {
    return new Configuration(
        dataDirectory,
        masterKeyUri,
        databaseUrl,
        listen,
        agentListen,
        agentEndpoints,
        clientUrl,
        allowPlaintext,
        corsOrigins,
        requestArrival,
        installDirectory,
        heartbeatInterval,
        heartbeatTimeout,
        logRetention,
        volumeRetention,
        auditRetention,
        networkPool,
        tokenRequestsPerMinute,
        insecureRegistries,
        billing,
        invoiceSeller,
        other,
        sso,
        payments);
  }

  private void check() {
    if (heartbeatTimeout.compareTo(heartbeatInterval.multipliedBy(2)) < 0) {
      throw new Wrong(
          "WORKER_HEARTBEAT_TIMEOUT=%s is less than two heartbeat intervals; use at least %s s"
              .formatted(
                  heartbeatTimeout.toSeconds() + "s",
                  heartbeatInterval.multipliedBy(2).toSeconds()));
    }
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    int port = Integer.parseInt(text.substring(colon + 1));
    if (colon < 0 || port < 1 || port > 65_535) {
      throw new IllegalArgumentException(text);
    }
    InetSocketAddress address = new InetSocketAddress(text.substring(0, colon), port);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(text);
    }
    return address;
  }

  private static List<String> endpoints(String text) {
    List<String> endpoints = List.of(text.split(","));
    if (endpoints.stream().anyMatch(e -> !e.matches("[^\\s:]+:\\d{1,5}"))) {
      throw new IllegalArgumentException(text);
    }
    return endpoints;
  }

  private static URI httpUrl(String text) {
    URI uri = URI.create(text.replaceFirst("/+$", ""));
    if (uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?")) {
      throw new IllegalArgumentException(text);
    }
    return uri;
  }

  private static String keyUri(String text) {
    if (!text.matches("[a-z][a-z0-9+.-]*://\\S+")) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static List<String> origins(String text) {
    List<String> origins = names(text).stream().sorted().toList();
    if (origins.stream().anyMatch(origin -> !origin.matches("https?://[^\\s/,*]+"))) {
      throw new IllegalArgumentException(text);
    }
    return origins;
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Duration duration(String text) {
    if (!text.matches("\\d{1,9}[smhd]?")) {
      throw new IllegalArgumentException(text);
    }
    long number = Long.parseLong(text.replaceAll("\\D", ""));
    Duration duration =
        switch (text.charAt(text.length() - 1)) {
          case 'm' -> Duration.ofMinutes(number);
          case 'h' -> Duration.ofHours(number);
          case 'd' -> Duration.ofDays(number);
          default -> Duration.ofSeconds(number);
        };
    if (duration.isZero()) {
      throw new IllegalArgumentException(text);
    }
    return duration;
  }

  private static int positive(String text) {
    int number = Integer.parseInt(text);
    if (number < 1) {
      throw new IllegalArgumentException(text);
    }
    return number;
  }

  private static String pool(String text) {
    if (!text.matches("\\d{1,3}(\\.\\d{1,3}){3}/([89]|1\\d|2[0-4])")) {
      throw new IllegalArgumentException(text);
    }
    String[] parts = text.split("[./]", -1);
    long address = 0;
    for (int i = 0; i < 4; i++) {
      int octet = Integer.parseInt(parts[i]);
      if (octet > 255) {
        throw new IllegalArgumentException(text);
      }
      address = address << 8 | octet;
    }
    if ((address & (0xFFFF_FFFFL >>> Integer.parseInt(parts[4]))) != 0) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static Set<String> names(String text) {
    return text.isBlank() ? Set.of() : Set.of(text.trim().split("\\s*,\\s*"));
  }

  /** Collects what is wrong, so that the user sees all of it at once. */
  private static final class Reader {
    private final Map<String, String> environment;
    private final List<String> wrong = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    <T> T value(String name, String fallback, Function<String, T> parse, String expected) {
      String text = environment.getOrDefault(name, fallback);
      try {
        return parse.apply(text);
      } catch (RuntimeException e) {
        wrong.add(name + "=" + text + " is not usable; it must be " + expected);
        return parse.apply(fallback);
      }
    }

    <T> Optional<T> optional(String name, Function<String, T> parse, String expected) {
      String text = environment.getOrDefault(name, "");
      if (text.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(parse.apply(text));
      } catch (RuntimeException e) {
        // The value may hold a password.
        wrong.add(name + " is not usable; it must be " + expected);
        return Optional.empty();
      }
    }

    String required(String name, String what) {
      String text = environment.getOrDefault(name, "");
      if (text.isEmpty()) {
        wrong.add(name + " is missing; it must be " + what);
      }
      return text;
    }

    /** The first line of a file. */
    String secret(String name) {
      Optional<String> secret = optional(name, Configuration::firstLine, SECRET_FILE);
      return secret.isPresent() || !environment.getOrDefault(name, "").isEmpty()
          ? secret.orElse("")
          : required(name, SECRET_FILE);
    }

    void failIfWrong() {
      if (!wrong.isEmpty()) {
        throw new Wrong(String.join("\n", wrong));
      }
    }
  }
}
