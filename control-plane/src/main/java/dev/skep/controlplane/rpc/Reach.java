package dev.skep.controlplane.rpc;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.v1.Permission;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How far somebody's permissions go in an organization.
 *
 * @param everywhere in all of it
 * @param single on single services, as far as they matter for the call
 * @param narrowed whether the token may do less than its account
 * @param servicesAlone whether the token is for the single services and nothing else
 */
public record Reach(
    Set<Permission> everywhere, List<OnService> single, boolean narrowed, boolean servicesAlone) {
  public static final Reach NOWHERE = everywhere(Set.of(), false);

  public Reach {
    everywhere = Set.copyOf(everywhere);
    single = List.copyOf(single);
  }

  /** What somebody may do on one service. */
  public record OnService(ServiceId id, String name, Set<Permission> permissions) {
    private boolean is(String idOrName) {
      return id.toString().equals(idOrName) || name.equals(idOrName);
    }
  }

  public static Reach everywhere(Set<Permission> permissions, boolean narrowed) {
    return new Reach(permissions, List.of(), narrowed, false);
  }

  /** The single services on which it has this permission. */
  Set<ServiceId> services(Permission permission) {
    return single.stream()
        .filter(one -> one.permissions.contains(permission))
        .map(OnService::id)
        .collect(toUnmodifiableSet());
  }

  /** That service, when it has this permission on it. */
  Optional<ServiceId> on(String idOrName, Permission permission) {
    return single.stream()
        .filter(one -> one.is(idOrName) && one.permissions.contains(permission))
        .map(OnService::id)
        .findFirst();
  }
}
