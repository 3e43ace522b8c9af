package dev.skep.controlplane.volumes;

import dev.skep.controlplane.dispatch.ObjectNames;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** The volumes API. */
final class VolumesApi extends VolumesServiceGrpc.VolumesServiceImplBase {
  private static final UUID FIRST = new UUID(0, 0);

  private final VolumesService volumes;
  private final Duration retention;

  VolumesApi(VolumesService volumes, Duration retention) {
    this.volumes = volumes;
    this.retention = retention;
  }

  @Override
  public void listVolumes(
      ListVolumesRequest request, StreamObserver<ListVolumesResponse> response) {
    Calls.answer(response, () -> list(request));
  }

  private ListVolumesResponse list(ListVolumesRequest request) {
    int size = Paging.size(request.getPageSize());
    List<VolumeRecord> rows =
        volumes.list(Calls.caller(), after(Paging.after(request.getPageToken())), size + 1);
    Page<VolumeRecord> page = Paging.page(rows, size, row -> row.id().toString());
    return ListVolumesResponse.newBuilder()
        .addAllVolumes(page.items().stream().map(this::proto).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  private static UUID after(String key) {
    try {
      return key.isEmpty() ? FIRST : UUID.fromString(key);
    } catch (IllegalArgumentException e) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "page_token", "is not a token of an earlier answer");
    }
  }

  @Override
  public void getVolume(GetVolumeRequest request, StreamObserver<GetVolumeResponse> response) {
    Calls.answer(
        response,
        () ->
            GetVolumeResponse.newBuilder()
                .setVolume(proto(volumes.get(Calls.caller(), request.getVolume())))
                .build());
  }

  @Override
  public void deleteVolume(
      DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> response) {
    Calls.answer(
        response,
        () -> {
          volumes.delete(Calls.caller(), request.getVolume());
          return DeleteVolumeResponse.getDefaultInstance();
        });
  }

  private Volume proto(VolumeRecord row) {
    Volume.Builder volume =
        Volume.newBuilder()
            .setId(row.id().toString())
            .setName(row.name())
            .setServiceName(row.serviceName())
            .setServiceId(row.service() == null ? "" : row.service().toString())
            .setWorkerId(row.worker().toString())
            .setWorkerName(row.workerName())
            .setObjectName(ObjectNames.volume(row.id().value()))
            .setState(VolumeState.valueOf("VOLUME_STATE_" + row.state()))
            .setReason(row.reason())
            .setCreateTime(Paging.timestamp(row.createdAt()));
    Instant until = row.keptUntil(retention);
    if (until != null) {
      volume.setKeepUntilTime(Paging.timestamp(until));
    }
    return volume.build();
  }
}
