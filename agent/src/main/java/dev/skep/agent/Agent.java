package dev.skep.agent;

import dev.skep.agent.engine.DockerEngine;
import dev.skep.agent.engine.Engine;
import dev.skep.agent.journal.DamagedFile;
import dev.skep.agent.journal.DataDir;
import dev.skep.agent.journal.Identity;
import dev.skep.agent.journal.IdentityFile;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.link.Enrolment;
import dev.skep.agent.link.Link;
import dev.skep.agent.report.MachineFacts;
import dev.skep.agent.report.MachineUsage;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.worker.Worker;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process: configuration and wiring, in rank order. */
public final class Agent {
  /** Exit codes, for those who start agents. */
  enum Exit {
    WRONG_CONFIGURATION(2),
    REFUSED(3),
    ALREADY_RUNNING(4),
    DAMAGED(5);

    private final int code;

    Exit(int code) {
      this.code = code;
    }
  }

  private Agent() {}

  public static void main(String[] args) throws InterruptedException {
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty(
          "java.util.logging.SimpleFormatter.format",
          "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s %5$s%6$s%n");
    }
    try {
      run(Config.of(System.getenv()));
    } catch (Config.Wrong e) {
      exit(Exit.WRONG_CONFIGURATION, e.getMessage());
    } catch (Enrolment.Refused e) {
      exit(Exit.REFUSED, e.getMessage());
    } catch (DamagedFile e) {
      exit(Exit.DAMAGED, e.getMessage() + "; enrol this machine again with a new data directory");
    }
  }

  @SuppressWarnings("SystemOut")
  private static void exit(Exit exit, @org.jspecify.annotations.Nullable String message) {
    System.err.println("skep-agent: " + message);
    System.exit(exit.code);
  }

  private static void run(Config config) throws Enrolment.Refused, InterruptedException {
    var dataDir = DataDir.lock(config.dataDir());
    if (dataDir.isEmpty()) {
      exit(Exit.ALREADY_RUNNING, "another agent runs on " + config.dataDir());
      return;
    }
    try (var directory = dataDir.get();
        var engine = new DockerEngine(config.dockerHost())) {
      run(config, directory, engine);
    }
  }

  private static void run(Config config, DataDir directory, Engine engine)
      throws Enrolment.Refused, InterruptedException {
    var machine = new MachineFacts(config.advertiseAddress(), version());
    var identities = new IdentityFile(directory.path());
    var journal = Journal.open(directory.path());
    var outbox = new StatusOutbox();
    var settings = new Worker.Settings(config.advertiseAddress(), config.probeDir().toString());
    try (var telemetry = Shipping.start(directory.path().resolve("spool"));
        var worker = new Worker(journal, engine, outbox, settings, telemetry::containers)) {
      // What is on disk is made true before anybody is asked.
      worker.start();
      var identity = identity(config, identities, machine);
      var cargo =
          new Link.Cargo(
              config.controlPlanes(),
              journal,
              outbox,
              () -> facts(machine, worker),
              new MachineUsage()::read,
              worker::assigned);
      try (var link = new Link(identities, identity, cargo, telemetry)) {
        link.start();
        untilStopped();
      }
    }
  }

  private static Identity identity(Config config, IdentityFile file, MachineFacts machine)
      throws Enrolment.Refused, InterruptedException {
    var known = file.read();
    if (known.isPresent()) {
      return known.get();
    }
    if (config.controlPlanes().isEmpty()) {
      throw new Config.Wrong("SKEP_CONTROL_PLANE", "", "host:port, to enrol this worker");
    }
    var wish = new Enrolment.Wish(config.joinToken(), config.name(), config.labels());
    return new Enrolment(file, config.controlPlanes(), wish).enrol(machine.read("", ""));
  }

  private static Facts facts(MachineFacts machine, Worker worker) {
    return worker
        .engineInfo()
        .map(i -> machine.read(i.version(), i.api().toString()))
        .orElseGet(() -> machine.read("", ""));
  }

  /** Not a field: the format has to be set before the first logger is made. */
  private static Logger log() {
    return LoggerFactory.getLogger(Agent.class);
  }

  private static void untilStopped() throws InterruptedException {
    var stop = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(stop::countDown));
    stop.await();
    log().info("Stopping; what runs goes on running");
  }

  private static String version() {
    var version = Agent.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
