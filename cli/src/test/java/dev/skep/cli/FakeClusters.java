package dev.skep.cli;

import dev.skep.v1.Cluster;
import dev.skep.v1.ClusterManager;
import dev.skep.v1.ClustersServiceGrpc;
import dev.skep.v1.GetClusterRequest;
import dev.skep.v1.GetClusterResponse;
import dev.skep.v1.ListClustersRequest;
import dev.skep.v1.ListClustersResponse;
import dev.skep.v1.RecoverClusterRequest;
import dev.skep.v1.RecoverClusterResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Two of three managers are gone until a recovery, which takes two looks. */
final class FakeClusters extends ClustersServiceGrpc.ClustersServiceImplBase {
  private final List<Object> requests;
  private final AtomicInteger looks = new AtomicInteger();
  private volatile boolean recovery;

  FakeClusters(List<Object> requests) {
    this.requests = requests;
  }

  @Override
  public void listClusters(
      ListClustersRequest request, StreamObserver<ListClustersResponse> observer) {
    observer.onNext(ListClustersResponse.newBuilder().addClusters(cluster()).build());
    observer.onCompleted();
  }

  @Override
  public void getCluster(GetClusterRequest request, StreamObserver<GetClusterResponse> observer) {
    observer.onNext(GetClusterResponse.newBuilder().setCluster(cluster()).build());
    observer.onCompleted();
  }

  @Override
  public void recoverCluster(
      RecoverClusterRequest request, StreamObserver<RecoverClusterResponse> observer) {
    requests.add(request);
    recovery |= !request.getValidateOnly();
    observer.onNext(
        RecoverClusterResponse.newBuilder()
            .setCluster(cluster())
            .setWorkerName("w3")
            .addCosts("nothing is deployed for a while")
            .build());
    observer.onCompleted();
  }

  private Cluster cluster() {
    boolean well = recovery && looks.incrementAndGet() > 2;
    var cluster =
        Cluster.newBuilder()
            .setName("default")
            .setWorkers(3)
            .setManagersWanted(3)
            .setManagersNeeded(2)
            .setOwnerWorkerName("w3")
            .setRecovering(recovery && !well)
            .addManagers(manager("w1", false))
            .addManagers(manager("w2", false))
            .addManagers(manager("w3", true));
    return well
        ? cluster.build()
        : cluster
            .setControlError("too few managers are left; gone are w1, w2")
            .setAdvice("bring the managers back")
            .build();
  }

  private static ClusterManager manager(String worker, boolean there) {
    return ClusterManager.newBuilder()
        .setWorkerName(worker)
        .setReachable(there)
        .setConnected(there)
        .setLeader(there)
        .build();
  }
}
