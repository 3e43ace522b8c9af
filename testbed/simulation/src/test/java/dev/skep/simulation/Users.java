package dev.skep.simulation;

import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.services.SimulatedUsers;
import dev.skep.controlplane.workers.SimulatedOperators;
import dev.skep.v1.DataPromise;
import dev.skep.v1.Exposure;
import dev.skep.v1.MigrationPolicy;
import dev.skep.v1.Port;
import dev.skep.v1.Resources;
import dev.skep.v1.RolloutPolicy;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.VolumeMount;
import java.util.List;

/** What people ask for, at any control plane. */
final class Users {
  private static final int MOST_SERVICES = 4;

  private final Simulation world;
  private final Chance chance;
  private final SimulatedUsers users;
  private final SimulatedOperators operators;
  private int created;

  Users(Simulation world) {
    this.world = world;
    this.chance = world.chance();
    this.users =
        new SimulatedUsers(world.database(), world::id, world.organization(), world.registries());
    this.operators =
        new SimulatedOperators(world.database(), world.time(), Plane.HEARTBEAT_TIMEOUT);
  }

  void create() {
    if (created < MOST_SERVICES) {
      String name = "s" + ++created;
      ServiceSpec.Builder spec =
          ServiceSpec.newBuilder()
              .setImage(chance.oneOf(Catalogue.GOOD))
              .setResources(Resources.newBuilder().setCpuMillis(100).setMemoryBytes(64L << 20))
              .setRollout(RolloutPolicy.newBuilder().setMaxParallel(chance.between(0, 2)));
      boolean leased = world.leasing() && created == 1;
      if (leased || chance.percent(20)) {
        spec.setReplicas(1)
            .setDataPromise(
                leased || chance.percent(50)
                    ? DataPromise.DATA_PROMISE_MAY_BE_LOST
                    : DataPromise.DATA_PROMISE_KEPT)
            .addVolumes(VolumeMount.newBuilder().setName("data").setPath("/data"));
      } else if (chance.percent(30)) {
        spec.addPorts(
                Port.newBuilder()
                    .setContainerPort(80)
                    .setExposure(Exposure.EXPOSURE_HOST)
                    .setHostPort(8_000 + created))
            .setReplicas(chance.between(1, world.machines().size()));
      } else {
        spec.setReplicas(chance.between(1, 4));
      }
      if (!leased && chance.percent(25)) {
        spec.setMigration(MigrationPolicy.MIGRATION_POLICY_MANUAL);
      }
      attempt("creates " + name, () -> users.create(name, spec.build()));
    }
  }

  void act() {
    if (created == 0) {
      return;
    }
    String name = "s" + chance.between(1, created);
    switch (chance.between(0, 15)) {
      case 0, 1, 2 -> update(name, chance.oneOf(Catalogue.GOOD));
      case 3 -> update(name, chance.oneOf(List.of(Catalogue.BROKEN, Catalogue.MISSING)));
      case 4, 5, 6 -> {
        int replicas = chance.between(1, world.machines().size());
        attempt("scales " + name + " to " + replicas, () -> users.scale(name, replicas));
      }
      case 7 -> attempt("restarts " + name, () -> users.restart(name));
      case 8 -> attempt("stops " + name, () -> users.stop(name));
      case 9 -> attempt("starts " + name, () -> users.start(name));
      case 10 -> attempt("rolls back " + name, () -> users.rollBack(name));
      case 11 -> attempt("cancels " + name, () -> users.cancel(name));
      case 12 -> attempt("deletes " + name, () -> users.delete(name));
      case 13, 14 -> {
        String worker = chance.oneOf(world.machines()).name();
        attempt("drains " + worker, () -> operators.drain(worker));
      }
      default -> {
        String worker = chance.oneOf(world.machines()).name();
        attempt("uncordons " + worker, () -> operators.uncordon(worker));
      }
    }
  }

  private void update(String name, String image) {
    attempt(
        "updates " + name + " to " + image.substring(image.length() - 1),
        () -> users.update(name, "image", ServiceSpec.newBuilder().setImage(image).build()));
  }

  /** Nobody asks for what cannot be. */
  void repair() {
    for (Ledger.Worker worker : world.ledger().workers()) {
      if (!worker.availability().equals("ACTIVE")) {
        attempt("uncordons " + worker.name(), () -> operators.uncordon(worker.name()));
      }
    }
    for (Ledger.Service service : world.ledger().services().values()) {
      boolean bad =
          service.image().equals(Catalogue.BROKEN) || service.image().equals(Catalogue.MISSING);
      if (bad && !service.wanted().equals("DELETED")) {
        update(service.name(), Catalogue.GOOD.getFirst());
      }
    }
  }

  private void attempt(String what, Runnable action) {
    world.tellTime();
    try {
      action.run();
      world.note("somebody " + what);
    } catch (Refusal e) {
      world.note("somebody " + what + ", which is refused: " + e.reason());
    }
    world.observe("people");
  }
}
