package dev.skep.controlplane.db;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * Where PostgreSQL is.
 *
 * @param jdbcUrl without user and password
 */
public record DatabaseUrl(String jdbcUrl, String user, String password) {
  /**
   * Reads {@code postgresql://user:password@host:port/database?options}; a {@code jdbc:} prefix is
   * allowed.
   *
   * @throws IllegalArgumentException with what is expected
   */
  public static DatabaseUrl parse(String text) {
    String plain = text.startsWith("jdbc:") ? text.substring(5) : text;
    try {
      URI uri = new URI(plain.replaceFirst("^postgres:", "postgresql:"));
      if (!"postgresql".equals(uri.getScheme()) || uri.getHost() == null) {
        throw new IllegalArgumentException("is not postgresql://user:password@host:port/database");
      }
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      String query = uri.getQuery() == null ? "" : "?" + uri.getQuery();
      String[] user =
          uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
      return new DatabaseUrl(
          "jdbc:postgresql://" + uri.getHost() + port + uri.getPath() + query,
          user.length > 0 ? decode(user[0]) : "postgres",
          user.length > 1 ? decode(user[1]) : "");
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not postgresql://user:password@host:port/database", e);
    }
  }

  /** For the driver; every wait has an end. */
  public Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "skep");
    properties.setProperty("reWriteBatchedInserts", "true");
    return properties;
  }

  private static String decode(String part) {
    return URLDecoder.decode(part, StandardCharsets.UTF_8);
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return jdbcUrl;
  }
}
