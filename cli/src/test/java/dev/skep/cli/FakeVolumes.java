package dev.skep.cli;

import dev.skep.v1.DeleteVolumeRequest;
import dev.skep.v1.DeleteVolumeResponse;
import dev.skep.v1.GetVolumeRequest;
import dev.skep.v1.GetVolumeResponse;
import dev.skep.v1.ListVolumesRequest;
import dev.skep.v1.ListVolumesResponse;
import dev.skep.v1.Volume;
import dev.skep.v1.VolumeState;
import dev.skep.v1.VolumesServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** Two volumes, on pages of one. */
final class FakeVolumes extends VolumesServiceGrpc.VolumesServiceImplBase {
  private final List<Object> requests;

  FakeVolumes(List<Object> requests) {
    this.requests = requests;
  }

  private static Volume volume(String name, VolumeState state) {
    return Volume.newBuilder()
        .setId("id-" + name)
        .setName(name)
        .setServiceName("db")
        .setWorkerName("w1")
        .setObjectName("skep-1")
        .setState(state)
        .setReason("used by service db, release 3")
        .build();
  }

  @Override
  public void listVolumes(
      ListVolumesRequest request, StreamObserver<ListVolumesResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    observer.onNext(
        ListVolumesResponse.newBuilder()
            .addVolumes(
                first
                    ? volume("data", VolumeState.VOLUME_STATE_IN_USE)
                    : volume("old", VolumeState.VOLUME_STATE_KEPT))
            .setNextPageToken(first ? "next" : "")
            .build());
    observer.onCompleted();
  }

  @Override
  public void getVolume(GetVolumeRequest request, StreamObserver<GetVolumeResponse> observer) {
    observer.onNext(
        GetVolumeResponse.newBuilder()
            .setVolume(volume("data", VolumeState.VOLUME_STATE_IN_USE))
            .build());
    observer.onCompleted();
  }

  @Override
  public void deleteVolume(
      DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> observer) {
    requests.add(request);
    observer.onNext(DeleteVolumeResponse.getDefaultInstance());
    observer.onCompleted();
  }
}
