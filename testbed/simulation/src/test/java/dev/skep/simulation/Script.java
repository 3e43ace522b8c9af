package dev.skep.simulation;

import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.engine.SimulatedSwarm.Writer;
import java.time.Duration;
import java.util.List;

/** The troubles of a history, and their end. */
final class Script {
  private final Simulation world;
  private final Chance chance;
  private final Users users;
  private final Duration trouble;
  private boolean over;

  Script(Simulation world) {
    this.world = world;
    this.chance = world.chance();
    this.users = new Users(world);
    this.trouble = Duration.ofSeconds(seconds());
  }

  private int seconds() {
    return world.leasing() ? chance.between(60, 90) : world.length().trouble().oneOf(chance);
  }

  Duration trouble() {
    return trouble;
  }

  boolean troubled() {
    return !over;
  }

  void begin() {
    Length length = world.length();
    int end = (int) trouble.toMillis();
    at(1, Math.min(2_000, length.creating()), users::create);
    for (int i = chance.between(0, length.moreServices()); i > 0; i--) {
      at(1, length.creating(), users::create);
    }
    for (int i = length.acts().oneOf(chance); i > 0; i--) {
      at(Math.min(3_000, end / 2), end, users::act);
    }
    for (int i = length.faults().oneOf(chance); i > 0; i--) {
      at(Math.min(1_000, end / 4), end, this::harm);
    }
    if (world.leasing()) {
      at(15_000, 30_000, this::cutOffAWriter);
    }
  }

  private void at(int from, int to, Runnable action) {
    world.time().afterMillis(chance.between(from, to), () -> whileTroubled(action));
  }

  private void whileTroubled(Runnable action) {
    if (!over) {
      action.run();
    }
  }

  /** Later, or when everything heals. */
  private void later(int from, int to, Runnable action) {
    at(from, to, action);
  }

  /** Nobody reaches the machine, where everything goes on, until its lease is long over. */
  private void cutOffAWriter() {
    List<String> writing = world.swarm().writers().stream().map(Writer::node).toList();
    List<Machine> machines =
        world.machines().stream()
            .filter(m -> writing.contains(m.node().id()) && !m.node().soleManager())
            .toList();
    if (!machines.isEmpty()) {
      Machine machine = chance.oneOf(machines);
      world.note(machine.name() + " is cut off from everybody");
      machine.node().cut();
      machine.offline(true);
      later(
          35_000,
          60_000,
          () -> {
            troubled(machine.node()::mend);
            machine.offline(false);
          });
    }
  }

  private void troubled(Runnable action) {
    world.witness().troubled();
    action.run();
  }

  private void harm() {
    if (chance.percent(35)) {
      harm(chance.oneOf(world.allPlanes()));
    } else if (chance.percent(90)) {
      harm(chance.oneOf(world.machines()));
    } else {
      var image = chance.oneOf(Catalogue.GOOD);
      var code =
          chance.oneOf(
              List.of(
                  EngineFailure.Code.REGISTRY_UNREACHABLE,
                  EngineFailure.Code.IMAGE_MISSING,
                  EngineFailure.Code.IMAGE_UNAUTHORIZED));
      world.note("the registry refuses " + image.substring(image.length() - 1) + ": " + code);
      world.catalogue().trouble(image, code);
      later(1_000, 15_000, world.catalogue()::heal);
    }
  }

  private void harm(Plane plane) {
    if (!plane.answers()) {
      return;
    }
    switch (chance.between(0, 4)) {
      case 0 -> {
        plane.crash();
        later(300, 10_000, plane::startIfDead);
      }
      case 1, 2 -> {
        plane.crashSoon(chance.between(0, 6));
        later(3_000, 12_000, plane::startIfDead);
      }
      case 3 -> {
        plane.freeze();
        later(500, 15_000, plane::thaw);
      }
      default -> {
        int seconds = chance.between(-120, 120);
        world.note(plane + "'s clock steps by " + seconds + " s");
        plane.clockError(Duration.ofSeconds(seconds));
      }
    }
  }

  private void harm(Machine machine) {
    switch (chance.between(0, 8)) {
      case 0 -> {
        machine.crash();
        later(300, 10_000, machine::boot);
      }
      case 1, 2 -> {
        machine.crashSoon();
        later(3_000, 12_000, machine::boot);
      }
      case 3 -> {
        world.note(machine.name() + " is offline");
        machine.offline(true);
        later(1_000, 20_000, () -> machine.offline(false));
      }
      case 4 -> {
        int seconds = chance.between(-3_600, 3_600);
        world.note(machine.name() + "'s clock steps by " + seconds + " s");
        machine.clockError(Duration.ofSeconds(seconds));
      }
      case 5 -> {
        world.note(machine.name() + "'s engine stops");
        machine.node().stop();
        later(1_000, 25_000, () -> troubled(machine.node()::start));
      }
      case 6 -> {
        if (!machine.node().soleManager()) {
          world.note(machine.name() + " is cut off from the Swarm");
          machine.node().cut();
          later(1_000, 25_000, () -> troubled(machine.node()::mend));
        }
      }
      case 7 -> {
        world.note(machine.name() + "'s engine has troubles");
        machine.trouble(true, chance.between(30, 3_000));
        later(1_000, 15_000, () -> machine.trouble(false, 30));
      }
      default -> machine.hangUp();
    }
  }

  void heal() {
    over = true;
    world.note("everything heals");
    world.catalogue().heal();
    for (Plane plane : world.allPlanes()) {
      plane.clockError(Duration.ZERO);
      plane.thaw();
      plane.startIfDead();
    }
    for (Machine machine : world.machines()) {
      machine.clockError(Duration.ZERO);
      machine.trouble(false, 30);
      troubled(machine.node()::start);
      troubled(machine.node()::mend);
      machine.offline(false);
      machine.boot();
    }
    users.repair();
  }
}
