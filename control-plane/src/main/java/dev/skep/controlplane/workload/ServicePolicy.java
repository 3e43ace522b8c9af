package dev.skep.controlplane.workload;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the system treats a service. A change of it makes no release, because no container is
 * different for it.
 *
 * @param maxPerWorker replicas that one worker may have; 0 for any number
 */
public record ServicePolicy(
    Strategy strategy,
    Migration migration,
    DataPromise dataPromise,
    Rollout rollout,
    int maxPerWorker) {
  public static final ServicePolicy DEFAULT =
      new ServicePolicy(Strategy.SPREAD, Migration.AUTOMATIC, DataPromise.KEPT, Rollout.DEFAULT, 0);

  public ServicePolicy {
    // Policies of earlier days do not say it.
    dataPromise = dataPromise == null ? DataPromise.KEPT : dataPromise;
  }

  /** Whether a replica leaves its volumes behind for a drain, or when its worker is lost. */
  public boolean leavesVolumes() {
    return migration == Migration.AUTOMATIC && dataPromise == DataPromise.MAY_BE_LOST;
  }

  /** Where the next replica goes among the workers that fit. */
  public enum Strategy {
    /** To the zone, then the worker, with the fewest replicas of the service. */
    SPREAD,
    /** To the fullest worker. */
    BINPACK
  }

  /** What happens to replicas whose worker is lost. */
  public enum Migration {
    AUTOMATIC,
    /** They wait until a user asks. */
    MANUAL,
    /** They wait for the worker. */
    NONE
  }

  /** What may become of the data in volumes. */
  public enum DataPromise {
    /** A replica stays with its volumes, and a drain waits for it. */
    KEPT,
    /** It starts elsewhere with empty ones when its worker is drained, or lost for a while. */
    MAY_BE_LOST
  }

  /**
   * How a release takes the place of another.
   *
   * @param maxParallel replicas that are replaced at the same time; 0 for a quarter of them
   * @param monitor how long a replica must stay healthy; null for the default
   * @param deadline for all replicas to become healthy; null for the default
   * @param keepFailed whether a failed release stays the target instead of the one before
   */
  public record Rollout(
      int maxParallel,
      @Nullable Duration monitor,
      @Nullable Duration deadline,
      boolean keepFailed) {
    public static final Rollout DEFAULT = new Rollout(0, null, null, false);

    /** Replicas that may be replaced at the same time, of so many. */
    public int parallel(int replicas) {
      return maxParallel > 0 ? maxParallel : Math.max(1, (replicas + 3) / 4);
    }
  }
}
