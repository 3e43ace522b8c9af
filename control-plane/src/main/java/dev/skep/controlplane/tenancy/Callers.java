package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Need;
import java.util.Optional;

/** Who makes a call: the owner of the token or of the session that it carries. */
public final class Callers {
  private static final String SCHEME = "Bearer ";

  private final ApiTokens tokens;
  private final Sessions sessions;

  public Callers(Database database, Sessions sessions) {
    this.tokens = new ApiTokens(database);
    this.sessions = sessions;
  }

  /**
   * What a call says of itself.
   *
   * @param authorization the header of that name
   * @param organization id or name from the header {@code skep-organization}
   */
  public record Credentials(Optional<String> authorization, Optional<String> organization) {}

  /**
   * The caller behind credentials, as the rows of this moment say.
   *
   * @param need of the call: it says whether an organization has to be known, and whether grants on
   *     single services matter
   * @throws Refusal TOKEN_REQUIRED without a header, TOKEN_REFUSED when it is not valid,
   *     ORGANIZATION_NOT_FOUND when it is for another organization, ORGANIZATION_REQUIRED or
   *     NO_ORGANIZATION when a session does not say which one of several
   */
  public Caller authenticate(Credentials credentials, Need need) {
    String header =
        credentials
            .authorization()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.TOKEN_REQUIRED,
                        "this call needs a token; send the header: authorization: Bearer skp_…"));
    boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    Bearer parsed =
        Bearer.parse(bearer ? header.substring(SCHEME.length()).trim() : "")
            .orElseThrow(Callers::refused);
    return switch (parsed.kind()) {
      case TOKEN -> tokens.authenticate(parsed, credentials.organization(), need);
      case SESSION -> sessions.authenticate(parsed, credentials.organization(), need);
    };
  }

  static Refusal refused() {
    return new Refusal(
        Reason.TOKEN_REFUSED, "the token is not valid, is expired or was revoked; log in again");
  }
}
