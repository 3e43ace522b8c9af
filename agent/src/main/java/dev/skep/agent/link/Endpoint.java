package dev.skep.agent.link;

/** host:port. */
public record Endpoint(String host, int port) {
  /** Reads "host:port" or "[v6]:port"; throws for anything else. */
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(text + " is not host:port");
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    String host = text.substring(0, colon);
    if (port < 1 || port > 65_535 || host.isBlank() || host.contains("/")) {
      throw new IllegalArgumentException(text + " is not host:port");
    }
    return new Endpoint(host, port);
  }
}
