package dev.skep.cli;

import dev.skep.v1.ListNotificationsRequest;
import dev.skep.v1.ListNotificationsResponse;
import dev.skep.v1.Notification;
import dev.skep.v1.NotificationSeverity;
import dev.skep.v1.NotificationsServiceGrpc;
import io.grpc.stub.StreamObserver;

/** One worker was lost. */
final class FakeNotifications extends NotificationsServiceGrpc.NotificationsServiceImplBase {
  @Override
  public void listNotifications(
      ListNotificationsRequest request, StreamObserver<ListNotificationsResponse> observer) {
    var lost =
        Notification.newBuilder()
            .setSeverity(NotificationSeverity.NOTIFICATION_SEVERITY_CRITICAL)
            .setType("worker_lost")
            .setSubject("w1")
            .setMessage("Worker w1 is lost");
    observer.onNext(ListNotificationsResponse.newBuilder().addNotifications(lost).build());
    observer.onCompleted();
  }
}
