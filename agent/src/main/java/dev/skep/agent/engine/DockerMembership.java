package dev.skep.agent.engine;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/** Membership of a Swarm, by the Docker Engine API. */
final class DockerMembership implements Engine.Membership {
  private static final String DEFAULT_PORT = ":2377";

  /** Joining waits for a manager that may be slow; the engine itself gives up after 20 s. */
  private static final Duration JOIN = Duration.ofSeconds(40);

  /** What ran for the Swarm is stopped first. */
  private static final Duration LEAVE = Duration.ofSeconds(90);

  /**
   * A node that was away for longer than its certificate is valid never comes back by itself. The
   * Swarm's certificate only speaks inside the Swarm; leaving one revokes it.
   */
  private static final Duration NODE_CERTIFICATE = Duration.ofDays(3650);

  private final Transport transport;

  DockerMembership(Transport transport) {
    this.transport = transport;
  }

  @Override
  public void init(String advertiseAddress) {
    var spec = new Wire.SwarmSpec(new Wire.CaConfig(NODE_CERTIFICATE.toNanos()));
    transport.call(
        "POST",
        "/swarm/init",
        new Wire.SwarmInit(listen(advertiseAddress), advertiseAddress, false, spec),
        JOIN);
  }

  @Override
  public void recover(String advertiseAddress) {
    var spec = new Wire.SwarmSpec(new Wire.CaConfig(NODE_CERTIFICATE.toNanos()));
    transport.call(
        "POST",
        "/swarm/init",
        new Wire.SwarmInit(listen(advertiseAddress), advertiseAddress, true, spec),
        LEAVE);
  }

  @Override
  public void leave() {
    transport.call("POST", "/swarm/leave?force=true", null, LEAVE);
  }

  @Override
  public void join(String advertiseAddress, List<String> managers, String token) {
    transport.call(
        "POST",
        "/swarm/join",
        new Wire.SwarmJoin(listen(advertiseAddress), advertiseAddress, managers, token),
        JOIN);
  }

  /** Only on the address that is told to others, unless that one belongs to a translator. */
  private static String listen(String advertiseAddress) {
    int colon = advertiseAddress.lastIndexOf(':');
    String host = colon < 0 ? advertiseAddress : advertiseAddress.substring(0, colon);
    String port = colon < 0 ? DEFAULT_PORT : advertiseAddress.substring(colon);
    return (isOurs(host) ? host : "0.0.0.0") + port;
  }

  private static boolean isOurs(String host) {
    try {
      return NetworkInterface.getByInetAddress(InetAddress.getByName(host)) != null;
    } catch (UnknownHostException | SocketException e) {
      // Then the engine says what is wrong with the address.
      return false;
    }
  }
}
