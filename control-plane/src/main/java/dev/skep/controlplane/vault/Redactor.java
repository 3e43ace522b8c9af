package dev.skep.controlplane.vault;

import dev.skep.controlplane.pki.MasterKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Knows what to take out of the texts of each service. Which values a service has changes only when
 * it gets a release, so that number says whether what is remembered still holds.
 */
public final class Redactor {
  private static final int SERVICES = 4_096;

  /** The newest versions of a service. */
  private static final int VERSIONS = 64;

  private final ReleaseSecrets secrets;
  private final Map<UUID, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Known> eldest) {
          return size() > SERVICES;
        }
      };

  private record Known(int lastRelease, Redaction redaction) {}

  public Redactor(MasterKey masterKey) {
    this.secrets = new ReleaseSecrets(masterKey);
  }

  /**
   * For a service.
   *
   * @param lastRelease the number of its newest release
   */
  public Redaction of(Handle handle, UUID service, int lastRelease) {
    synchronized (known) {
      Known there = known.get(service);
      if (there != null && there.lastRelease == lastRelease) {
        return there.redaction;
      }
    }
    Redaction now = Redaction.of(secrets.ofService(handle, service, VERSIONS));
    synchronized (known) {
      known.put(service, new Known(lastRelease, now));
    }
    return now;
  }
}
