package dev.skep.controlplane.server;

import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Need;
import dev.skep.controlplane.tenancy.Callers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether one call may be made: asked when it begins, when it is known which service it is about,
 * and again while it goes on.
 */
final class Authorization {
  private final Callers callers;
  private final Callers.Credentials credentials;
  private final Need need;
  private volatile @Nullable String service;

  Authorization(Callers callers, Callers.Credentials credentials, Need need) {
    this.callers = callers;
    this.credentials = credentials;
    this.need = need;
  }

  Caller caller() {
    return callers.authenticate(credentials, need);
  }

  /**
   * Decides about the service that the call names.
   *
   * @return its id, when the caller may it on that one alone
   * @throws Refusal PERMISSION_DENIED
   */
  Optional<ServiceId> on(Caller caller, String named) {
    Optional<ServiceId> alone = caller.requireOn(need, named);
    service = alone.map(ServiceId::toString).orElse(named);
    return alone;
  }

  /** Decides once more, by the rows of this moment. */
  Caller again() {
    Caller caller = caller();
    String named = service;
    if (named == null) {
      caller.require(need);
    } else {
      var _ = caller.requireOn(need, named);
    }
    return caller;
  }
}
