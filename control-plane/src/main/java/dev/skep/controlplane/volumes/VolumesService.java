package dev.skep.controlplane.volumes;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.volumes.VolumeRecord.WorkerSight;
import dev.skep.v1.Permission;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What users do with volumes. */
final class VolumesService {
  private final Database database;

  VolumesService(Database database) {
    this.database = database;
  }

  /** Of the services on which the caller has this permission. */
  private static VolumeStore store(Handle handle, Caller caller, Permission permission) {
    return new VolumeStore(handle, caller.organization(), caller.services(permission));
  }

  List<VolumeRecord> list(Caller caller, UUID after, int limit) {
    return database.read(
        h -> store(h, caller, Permission.PERMISSION_SERVICES_READ).list(after, limit));
  }

  VolumeRecord get(Caller caller, String volume) {
    return database.read(h -> store(h, caller, Permission.PERMISSION_SERVICES_READ).get(volume));
  }

  /**
   * Deletes the data for good; asking again is fine.
   *
   * @throws Refusal VOLUME_IN_USE saying by whom
   */
  void delete(Caller caller, String key) {
    database.useTransaction(
        handle -> {
          VolumeStore store = store(handle, caller, Permission.PERMISSION_SERVICES_WRITE);
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
