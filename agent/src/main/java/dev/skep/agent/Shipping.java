package dev.skep.agent;

import dev.skep.agent.link.Link;
import dev.skep.agent.task.Observed;
import dev.skep.agent.telemetry.LogLimits;
import dev.skep.agent.telemetry.LogSource;
import dev.skep.agent.telemetry.StatsTarget;
import dev.skep.agent.telemetry.Telemetry;
import dev.skep.agent.v1.AgentServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;

/** Between the worker, who sees containers, and the link, over which their output goes. */
record Shipping(Telemetry telemetry) implements Link.ChannelListener, AutoCloseable {
  static Shipping start(Path spoolDirectory) {
    try {
      return new Shipping(
          Telemetry.start(spoolDirectory, LogLimits.defaults(), InstantSource.system()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the log spool " + spoolDirectory, e);
    }
  }

  void containers(Set<Observed.Container> now) {
    // A log driver of the engine's own keeps no file that could be read.
    telemetry.sources(
        now.stream().filter(c -> !c.logPath().isEmpty()).map(Shipping::source).toList());
    telemetry.targets(
        now.stream()
            .filter(Observed.Container::running)
            .map(c -> new StatsTarget(c.id(), c.placementId(), c.pid()))
            .toList());
  }

  private static LogSource source(Observed.Container c) {
    return new LogSource(c.id(), Path.of(c.logPath()), c.serviceId(), c.placementId(), c.running());
  }

  @Override
  public void connected(AgentServiceGrpc.AgentServiceStub stub) {
    telemetry.connected(stub);
  }

  @Override
  public void disconnected() {
    telemetry.disconnected();
  }

  @Override
  public void close() {
    try {
      telemetry.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the log spool", e);
    }
  }
}
