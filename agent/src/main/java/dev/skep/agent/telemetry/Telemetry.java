package dev.skep.agent.telemetry;

import dev.skep.agent.v1.AgentServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;

/**
 * Ships the logs of this worker's containers and reports what they use. The one door of this
 * package.
 *
 * <p>Reading and spooling go on without a connection. All methods may be called from any thread and
 * at any time; each gives the whole current state, not a change of it.
 */
public final class Telemetry implements AutoCloseable {
  private final Spool spool;
  private final ShipLoop ship;
  private final TailLoop tail;
  private final StatsReporter stats;

  private Telemetry(Spool spool, LogLimits limits, InstantSource time) throws IOException {
    this.spool = spool;
    ShipQueue queue = new ShipQueue(spool);
    this.ship = new ShipLoop(spool, queue, limits);
    this.tail = new TailLoop(queue, spool, limits, time, ship::wake);
    this.stats = new StatsReporter(ContainerStatsReader.ofThisHost(), time, StatsReporter.PERIOD);
  }

  /** Begins where the last run of the agent ended; the directory is this agent's alone. */
  public static Telemetry start(Path spoolDirectory, LogLimits limits, InstantSource time)
      throws IOException {
    Telemetry telemetry = new Telemetry(Spool.open(spoolDirectory, limits), limits, time);
    telemetry.ship.start();
    telemetry.tail.start();
    telemetry.stats.start();
    return telemetry;
  }

  /**
   * Every container of ours that the engine still has, stopped ones too. One that is left out is
   * read to its end, and forgotten when its files are gone.
   */
  public void sources(Collection<LogSource> current) {
    tail.sources(current);
  }

  /** The running containers whose use is reported. */
  public void targets(Collection<StatsTarget> current) {
    stats.targets(current);
  }

  /** From now on lines and reports go there. */
  public void connected(AgentServiceGrpc.AgentServiceStub stub) {
    ship.connect(stub);
    stats.connect(stub);
  }

  public void disconnected() {
    ship.connect(null);
    stats.connect(null);
  }

  /**
   * Stops at once; what is not acknowledged is sent by the next run. When interrupted while waiting
   * for its threads, it leaves them and their files to the end of the process.
   */
  @Override
  public void close() throws IOException {
    stats.close();
    try {
      tail.close();
      ship.close();
    } catch (InterruptedException impatient) {
      Thread.currentThread().interrupt();
      return;
    }
    spool.close();
  }
}
