package dev.skep.controlplane.notifications;

import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.ListNotificationsRequest;
import dev.skep.v1.ListNotificationsResponse;
import dev.skep.v1.NotificationSeverity;
import dev.skep.v1.NotificationsServiceGrpc;
import dev.skep.v1.Permission;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The notifications API. */
final class NotificationsApi extends NotificationsServiceGrpc.NotificationsServiceImplBase {
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
    Caller caller = Calls.caller();
    int size = Paging.size(request.getPageSize());
    String before = Paging.id(request.getPageToken());
    List<NotificationStore.Stored> rows =
        store.list(
            caller.organization(),
            caller.may(Permission.PERMISSION_PLATFORM_READ),
            before,
            size + 1);
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
