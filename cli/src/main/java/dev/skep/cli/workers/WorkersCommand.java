package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code workers}. */
@Command(name = "workers", aliases = "worker", description = "Machines that run services.")
public final class WorkersCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListWorkersCommand(session))
        .addSubcommand(new InspectWorkerCommand(session))
        .addSubcommand(new WaitCommand(session))
        .addSubcommand(new TokenCommand(session))
        .addSubcommand(new CordonCommand(session))
        .addSubcommand(new UncordonCommand(session))
        .addSubcommand(new DrainCommand(session))
        .addSubcommand(new WhatIfCommand(session))
        .addSubcommand(new LabelCommand(session))
        .addSubcommand(new TaintCommand(session))
        .addSubcommand(new RotateCertificateCommand(session))
        .addSubcommand(new RemoveWorkerCommand(session));
  }
}
