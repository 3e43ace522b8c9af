package dev.skep.controlplane.clusters;

import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.ClustersServiceGrpc;
import dev.skep.v1.GetClusterRequest;
import dev.skep.v1.GetClusterResponse;
import dev.skep.v1.ListClustersRequest;
import dev.skep.v1.ListClustersResponse;
import dev.skep.v1.RecoverClusterRequest;
import dev.skep.v1.RecoverClusterResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The clusters API. */
final class ClustersApi extends ClustersServiceGrpc.ClustersServiceImplBase {
  private final ClusterQueries clusters;
  private final ClustersService service;
  private final ClusterProtos protos;

  ClustersApi(ClusterQueries clusters, ClustersService service, ClusterProtos protos) {
    this.clusters = clusters;
    this.service = service;
    this.protos = protos;
  }

  @Override
  public void listClusters(
      ListClustersRequest request, StreamObserver<ListClustersResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<ClusterRecord> rows = clusters.list(Paging.after(request.getPageToken()), size + 1);
          Page<ClusterRecord> page = Paging.page(rows, size, ClusterRecord::name);
          return ListClustersResponse.newBuilder()
              .addAllClusters(page.items().stream().map(protos::cluster).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void getCluster(GetClusterRequest request, StreamObserver<GetClusterResponse> response) {
    Calls.answer(
        response,
        () ->
            GetClusterResponse.newBuilder()
                .setCluster(protos.cluster(clusters.get(request.getCluster())))
                .build());
  }

  @Override
  public void recoverCluster(
      RecoverClusterRequest request, StreamObserver<RecoverClusterResponse> response) {
    Calls.answer(
        response,
        () -> {
          String cluster = request.getCluster();
          String worker = request.getWorker();
          boolean anew = request.getNewSwarm();
          return recovery(
              request.getValidateOnly()
                  ? service.preview(cluster, worker, anew)
                  : service.recover(cluster, worker, anew));
        });
  }

  private RecoverClusterResponse recovery(ClustersService.Begun begun) {
    return RecoverClusterResponse.newBuilder()
        .setCluster(protos.cluster(begun.cluster()))
        .setWorkerName(begun.recovery().by().name())
        .setNewSwarm(begun.recovery().newSwarm())
        .addAllCosts(begun.recovery().costs())
        .build();
  }
}
