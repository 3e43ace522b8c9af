package dev.skep.testbed.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

/** Another tenant, written into the database: the API cannot make one yet. */
final class SecondOrganization {
  private SecondOrganization() {}

  /** Makes it, with an admin, and returns that one's token. */
  static String token(SkepLab skep) {
    UUID organization = UUID.randomUUID();
    UUID user = UUID.randomUUID();
    UUID token = UUID.randomUUID();
    String secret = (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
    try (var connection = DriverManager.getConnection(url(skep), "postgres", "")) {
      for (Object[] row :
          new Object[][] {
            {"insert into organizations (id, name) values (?, 'second')", organization},
            {
              "insert into users (id, organization_id, name, role) values (?, ?, 'admin', 'admin')",
              user,
              organization
            },
            {
              "insert into api_tokens (id, organization_id, user_id, name, secret_hash)"
                  + " values (?, ?, ?, 'admin', ?)",
              token,
              organization,
              user,
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8))
            }
          }) {
        PreparedStatement insert = connection.prepareStatement((String) row[0]);
        for (int i = 1; i < row.length; i++) {
          insert.setObject(i, row[i]);
        }
        insert.execute();
      }
    } catch (SQLException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return "skp_" + token.toString().replace("-", "") + "_" + secret;
  }

  /** The fourth line of the server's lock file is its port. */
  private static String url(SkepLab skep) {
    var lock = skep.lab().directory().resolve("control-plane/data/postgres/data/postmaster.pid");
    try {
      return "jdbc:postgresql://127.0.0.1:" + Files.readAllLines(lock).get(3) + "/postgres";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
