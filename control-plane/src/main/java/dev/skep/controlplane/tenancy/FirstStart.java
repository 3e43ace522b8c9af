package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.OwnerFile;
import dev.skep.v1.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what an empty database needs: an organization, its admin with a token, and a cluster. */
public final class FirstStart {
  public static final String ORGANIZATION = "default";

  private static final Logger log = LoggerFactory.getLogger(FirstStart.class);

  private FirstStart() {}

  /** Does nothing when the database has an organization. */
  public static void ensure(Database database, Supplier<UUID> ids, Path tokenFile) {
    database.useTransaction(
        handle -> {
          handle.execute("lock table organizations in share row exclusive mode");
          boolean empty =
              handle.createQuery("select count(*) from organizations").mapTo(Integer.class).one()
                  == 0;
          if (empty) {
            create(handle, ids, tokenFile);
          }
        });
  }

  private static void create(Handle handle, Supplier<UUID> ids, Path tokenFile) {
    OrganizationId organization = new OrganizationId(ids.get());
    UserId user = new UserId(ids.get());
    Organizations.insert(handle, organization, ORGANIZATION);
    handle.execute(
        "insert into users (id, name, platform_admin) values (?, 'admin', true)", user.value());
    Organizations.join(handle, organization, user, Role.ROLE_ADMIN);
    handle.execute("insert into clusters (id, name) values (?, 'default')", ids.get());
    String token =
        ApiTokens.create(
            handle,
            new ApiTokens.Terms(
                ids.get(), organization, user, "first-start", List.of(), List.of(), null));
    try {
      // Before the commit: a file without a row is replaced at the next start, a row without its
      // file would lock the owner out.
      OwnerFile.write(tokenFile, token + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the admin's token to " + tokenFile, e);
    }
    log.info(
        "first start: made organization {} and its admin; the token is in {}",
        ORGANIZATION,
        tokenFile);
  }
}
