package dev.skep.controlplane.notifications;

import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.ListNotificationsRequest;
import dev.skep.v1.ListNotificationsResponse;
import dev.skep.v1.NotificationSeverity;
import dev.skep.v1.NotificationsServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The notifications API. */
final class NotificationsApi extends NotificationsServiceGrpc.NotificationsServiceImplBase {
  private static final String UUID = "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?";

  private final NotificationStore store;

  NotificationsApi(NotificationStore store) {
    this.store = store;
  }

  @Override
  public void listNotifications(
      ListNotificationsRequest request, StreamObserver<ListNotificationsResponse> response) {
    Calls.answer(response, () -> list(request));
  }

  private ListNotificationsResponse list(ListNotificationsRequest request) {
    int size = Paging.size(request.getPageSize());
    String before = Paging.after(request.getPageToken());
    if (!before.matches(UUID)) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "page_token", "is not a token of an earlier answer");
    }
    List<NotificationStore.Stored> rows =
        store.list(Calls.caller().organization(), before, size + 1);
    Page<NotificationStore.Stored> page = Paging.page(rows, size, row -> row.id().toString());
    return ListNotificationsResponse.newBuilder()
        .addAllNotifications(page.items().stream().map(NotificationsApi::proto).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  private static dev.skep.v1.Notification proto(NotificationStore.Stored row) {
    Notification notification = row.notification();
    return dev.skep.v1.Notification.newBuilder()
        .setId(row.id().toString())
        .setSeverity(
            NotificationSeverity.valueOf("NOTIFICATION_SEVERITY_" + notification.severity()))
        .setType(notification.type())
        .setSubject(notification.subject())
        .setMessage(notification.message())
        .setCreateTime(Paging.timestamp(row.createdAt()))
        .build();
  }
}
