package dev.skep.controlplane.notifications;

import dev.skep.controlplane.db.Database;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.List;

/** How to build the notifications API, and its chore. */
public final class NotificationsFeature {
  private final NotificationStore store;

  public NotificationsFeature(Database database, InstantSource clock) {
    this.store = new NotificationStore(database, clock);
  }

  public List<BindableService> apis() {
    return List.of(new NotificationsApi(store));
  }

  /** Drops what is older than 90 days. */
  public void dropOld() {
    store.dropOld();
  }
}
