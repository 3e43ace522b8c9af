package dev.skep.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Where a control plane listens for people: {@code https://host:port}, plain http on loopback. */
public record ServerAddress(String host, int port, boolean tls) {

  /**
   * One or several, separated by commas.
   *
   * @throws InvalidAddress also for a token in the clear to another machine
   */
  public static List<ServerAddress> parseAll(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).map(ServerAddress::parse).toList();
  }

  public static ServerAddress parse(String text) {
    var uri = uri(text.contains("://") ? text : "https://" + text);
    var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    var host = uri.getHost();
    if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw invalid(text);
    }
    var tls = scheme.equals("https");
    if (!tls && !isLoopback(host)) {
      throw new InvalidAddress(
          "refusing to send a token to " + text + " without encryption",
          "use https://; plain http is only for this machine");
    }
    return new ServerAddress(host, uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80, tls);
  }

  public String url() {
    return (tls ? "https://" : "http://") + host + ":" + port;
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw invalid(text);
    }
  }

  private static InvalidAddress invalid(String text) {
    return new InvalidAddress(
        "'" + text + "' is not a server address", "write it like https://skep.example.com:7080");
  }

  /** By its spelling alone: a name that resolves to loopback today may not do so tomorrow. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }
}
