package dev.skep.controlplane.volumes;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.volumes.VolumeRecord.WorkerSight;
import java.util.List;
import java.util.UUID;

/** What users do with volumes. */
final class VolumesService {
  private final Database database;

  VolumesService(Database database) {
    this.database = database;
  }

  List<VolumeRecord> list(OrganizationId organization, UUID after, int limit) {
    return database.read(h -> new VolumeStore(h, organization).list(after, limit));
  }

  VolumeRecord get(OrganizationId organization, String volume) {
    return database.read(h -> new VolumeStore(h, organization).get(volume));
  }

  /**
   * Deletes the data for good; asking again is fine.
   *
   * @throws Refusal VOLUME_IN_USE saying by whom
   */
  void delete(OrganizationId organization, String key) {
    database.useTransaction(
        handle -> {
          VolumeStore store = new VolumeStore(handle, organization);
          VolumeRecord found = store.get(key);
          store.lockService(found);
          VolumeRecord volume = store.get(found.id().toString());
          if (!volume.use().isEmpty()) {
            throw new Refusal(
                Reason.VOLUME_IN_USE,
                "the volume "
                    + volume.serviceName()
                    + "."
                    + volume.name()
                    + " is used by "
                    + volume.use()
                    + "; delete the service, or update it without the volume, first");
          }
          if (volume.sight() == WorkerSight.REMOVED) {
            store.forget(volume);
          } else if (!volume.removing()) {
            store.remove(volume);
          }
        });
  }
}
