package dev.skep.controlplane.access;

import dev.skep.controlplane.db.Database;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the APIs of organizations, accounts, members, grants and tokens. */
public final class AccessFeature {
  private AccessFeature() {}

  /** {@code invitationLink}: what the code of an invitation is put behind. */
  public static List<BindableService> apis(
      Database database, Supplier<UUID> ids, InstantSource clock, String invitationLink) {
    return List.of(
        new OrganizationsApi(new OrganizationStore(database, ids)),
        new UsersApi(new UserStore(database, ids)),
        new MembersApi(new MemberStore(database, ids)),
        new GrantsApi(new GrantStore(database)),
        new InvitationsApi(new InvitationStore(database, ids), invitationLink),
        new TokensApi(new TokenStore(database, ids, clock)));
  }
}
