package dev.skep.cli.clusters;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.Cluster;
import dev.skep.v1.GetClusterRequest;
import dev.skep.v1.RecoverClusterRequest;
import dev.skep.v1.RecoverClusterResponse;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a Swarm changeable again; says first what that costs. */
@Command(
    name = "recover",
    description =
        "Make a Swarm without enough managers changeable again; says first what it costs.")
final class RecoverCommand extends SessionCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "CLUSTER",
      defaultValue = "",
      description = "Name or id (the only one).")
  String cluster = "";

  @Option(
      names = "--worker",
      paramLabel = "WORKER",
      defaultValue = "",
      description = "Which worker manages the Swarm then (the one that costs least).")
  String worker = "";

  @Option(
      names = "--new-swarm",
      description = "Give the old Swarm up and make a new one: every replica starts anew.")
  boolean newSwarm;

  @Option(
      names = {"--yes", "-y"},
      description = "Do it; without, only say what it costs.")
  boolean yes;

  @Mixin WaitOptions wait = new WaitOptions();

  RecoverCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var preview = session.call(() -> recover(true));
    tell(preview);
    if (!yes) {
      throw CliException.usage("nothing was changed", "to go ahead, say it with --yes");
    }
    var begun = session.call(() -> recover(false));
    if (!wait.wanted()) {
      session.answer(begun, () -> begun.getWorkerName() + " recovers the Swarm\n");
      return;
    }
    var name = begun.getCluster().getName();
    var done = wait.waiter(session).until("cluster " + name + " to recover", () -> recovered(name));
    var answer = begun.toBuilder().setCluster(done).build();
    session.answer(
        answer, () -> "cluster " + name + " can be changed again; its services start now\n");
  }

  private void tell(RecoverClusterResponse preview) {
    session.progress(
        preview.getWorkerName()
            + (preview.getNewSwarm()
                ? " makes a new Swarm. What it costs:"
                : " makes a quorum of itself. What it costs:"));
    preview.getCostsList().forEach(cost -> session.progress("  - " + cost));
  }

  private RecoverClusterResponse recover(boolean validateOnly) {
    return session
        .controlPlane()
        .clusters()
        .recoverCluster(
            RecoverClusterRequest.newBuilder()
                .setCluster(cluster)
                .setWorker(worker)
                .setNewSwarm(newSwarm)
                .setValidateOnly(validateOnly)
                .build());
  }

  private Optional<Cluster> recovered(String name) {
    var request = GetClusterRequest.newBuilder().setCluster(name).build();
    return Optional.of(session.controlPlane().clusters().getCluster(request).getCluster())
        .filter(c -> !c.getRecovering() && c.getControlError().isEmpty());
  }
}
